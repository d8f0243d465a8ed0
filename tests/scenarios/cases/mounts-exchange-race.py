# A mount point that is exchanged for a link to the host during the launch (CVE-2021-30465, CVE-2024-45310): the mount is
# inside or refused, never outside. RACE_ROUNDS sets how often it is tried.
sh('''cp -a "$ROOTFS" rootfs; mkdir -p outside/deep volume; mkdir -m 777 -p rootfs/share/here/deep; : > volume/mark
ln -s "$WORK/outside" rootfs/share/there''')
before, seen = ground.tree(WORK / 'outside'), {'mounted': 0, 'refused': 0}
racer = host.start([host.probe, 'race', WORK / 'rootfs/share/here', WORK / 'rootfs/share/there'])
try:
    for n in range(int(os.environ.get('RACE_ROUNDS', 200))):
        target = '/share/here/deep' if n % 2 else '/share/here'
        # Whoever stands in the container sees the volume where it was asked for, or is not there at all.
        result = run(f'mountpoint -q {target} || [ -L /share/here ]; ls /share/*/mark /share/*/deep/mark 2>/dev/null || true',
                     policy={'rootfs': f'{WORK}/rootfs', 'mounts': [{'type': 'bind', 'source': f'{WORK}/volume', 'target': target}]})
        expect(result.code in (0, 125), result)
        seen['refused' if result.code else 'mounted'] += 1
        expect(not os.path.ismount(WORK / 'outside') and not (WORK / 'outside/mark').exists(), result)
finally:
    racer.kill()
    racer.communicate()
note(str(seen))
expect(ground.tree(WORK / 'outside') == before, 'nothing changed outside')
expect(seen['refused'] and seen['mounted'], 'the race met both sides', seen)
