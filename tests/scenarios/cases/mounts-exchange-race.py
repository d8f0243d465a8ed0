# A mount point that is exchanged for a link to the host during the launch (CVE-2021-30465, CVE-2024-45310): the mount is
# inside or refused, never outside. RACE_ROUNDS sets how often it is tried.
sh('''cp -a "$ROOTFS" rootfs; mkdir -p outside/deep volume; mkdir -m 777 -p rootfs/share/here/deep; : > volume/mark
ln -s "$WORK/outside" rootfs/share/there''')
before, seen = ground.tree(WORK / 'outside'), {'mounted': 0, 'refused': 0}
racer = host.start([host.probe, 'race', WORK / 'rootfs/share/here', WORK / 'rootfs/share/there'])
try:
    for n in rounds(200):
        target = '/share/here/deep' if n % 2 else '/share/here'
        # In the container the volume is there, under whichever of the two names its directory has now.
        result = run('grep "/volume /share/" /proc/self/mountinfo || exit 3',
                     policy={'rootfs': f'{WORK}/rootfs', 'mounts': [{'type': 'bind', 'source': f'{WORK}/volume', 'target': target}]})
        seen['refused' if result.code == 125 else 'mounted'] += 1
        expect(result.code in (0, 125), result)
        expect('mark' not in os.listdir(WORK / 'outside') + os.listdir(WORK / 'outside/deep'), result)
finally:
    racer.kill()
    racer.communicate()
note(str(seen))
expect(ground.tree(WORK / 'outside') == before, 'nothing changed outside')
expect(seen['refused'] and seen['mounted'], 'the race met both sides', seen)
