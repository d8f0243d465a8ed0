# A mount point that is exchanged for a link to the host during the launch (CVE-2021-30465, CVE-2024-45310): the mount is
# inside or refused, never outside. RACE_ROUNDS sets how often it is tried.
sh('''cp -a "$ROOTFS" rootfs; mkdir -p outside/deep volume; mkdir -m 777 -p rootfs/share/here/deep; : > volume/mark
ln -s "$WORK/outside" rootfs/share/there''')
before = ground.tree(WORK / 'outside')
policies = [policy({'rootfs': f'{WORK}/rootfs', 'mounts': [{'source': f'{WORK}/volume', 'target': target}]})
            for target in ('/share/here', '/share/here/deep')]
with ground.exchanged(host, WORK / 'rootfs/share/here', WORK / 'rootfs/share/there'):
    # In the container the volume is there, under whichever of the two names its directory has now.
    seen = race(200, 'grep "/volume /share/" /proc/self/mountinfo || exit 3', policies)
expect(ground.tree(WORK / 'outside') == before, 'nothing changed outside')
expect(all(seen.values()) or sum(seen.values()) < 40, 'the race met both sides', seen)
