# An image whose /dev, /proc and /sys are exchanged for links to the host during the launch (CVE-2025-52565, CVE-2019-19921): the
# container has its own or there is none, and nothing changes outside. RACE_ROUNDS sets how often it is tried.
PLACES = {'dev': 'tmpfs', 'proc': 'proc', 'sys': 'sysfs'}
sh('cp -a "$ROOTFS" rootfs; mkdir -p outside/pts outside/shm outside/mqueue outside/self; : > outside/null')
for place in PLACES:
    (WORK / f'rootfs/{place}.link').symlink_to(WORK / 'outside')
before = ground.tree(WORK / 'outside')
for place, kind in PLACES.items():
    with ground.exchanged(host, WORK / f'rootfs/{place}', WORK / f'rootfs/{place}.link'):
        # The names go on changing inside.
        seen = race(70, f'''until table=$(cat /proc/self/mountinfo); do :; done
echo "$table" | grep -E " /{place}(\\.link)? .* - {kind} " || exit 3''', [policy({'rootfs': f'{WORK}/rootfs'})], share=1 / 3)
    expect(all(seen.values()) or sum(seen.values()) < 200, 'the race met both sides', place, seen)
expect(ground.tree(WORK / 'outside') == before, 'nothing changed outside')
