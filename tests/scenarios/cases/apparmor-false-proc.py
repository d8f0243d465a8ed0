# The profile reaches the kernel past whatever lies where /proc is looked for (CVE-2019-16884, CVE-2023-28642, CVE-2025-52881): an image's
# own /proc, a volume over it, something mounted over the files of the host's. It is enforced, or there is no launch.
# needs: root apparmor
def enforced(result):
    return result.code == 0 and result.event('launched')['controls']['apparmor'] == 'casemate-default (enforce)'
ACT = 'cat /proc/self/attr/apparmor/current'
sh('''cp -a "$ROOTFS" rootfs; mkdir -p fake/self/attr/apparmor fake/self/fd fake/sys
for file in current exec; do for dir in attr attr/apparmor; do echo "casemate-default (enforce)" > fake/self/$dir/$file; done; done
cp -a fake/. rootfs/proc''')
result = run(ACT, policy={'rootfs': f'{WORK}/rootfs'})
expect(enforced(result) and 'casemate-default (enforce)' in result.out, 'an image with files in its /proc', result)
for target in '/proc', '/proc/self', '/proc/self/attr', '/proc/self/attr/apparmor/exec', '/proc/sys', '/sys', '/sys/kernel/security':
    result = run(ACT, policy={'rootfs': f'{WORK}/rootfs', 'mounts': [{'source': f'{WORK}/fake', 'target': target}]})
    expect(result.code == 125 and not result.begun and '/mounts/0/target' in result.err, 'a volume over it', target, result)
# The launcher's own are covered; what it starts has others.
for over, under in ('self/attr', '/proc/$$/attr'), ('self', '/proc/$$'), ('', '/proc'):
    wrapper = ['unshare', '--mount', 'sh', '-c', f'mount --bind {WORK}/fake/{over} {under}; exec "$@"', 'sh']
    result = run(ACT, wrapper=wrapper)
    expect(enforced(result) or result.code == 125 and not result.begun, 'something over the host\'s', under, result)
