# Where an ordinary user may not leave "unconfined" behind (AppArmor 4: kernel.apparmor_restrict_unprivileged_unconfined), the kernel stacks
# on it instead: the workload is in enforce mode all the same.
# needs: root apparmor linux-6.7 /proc/sys/kernel/apparmor_restrict_unprivileged_unconfined
# waive: masks limits.memory limits.cpus limits.pids
sysctl = Path('/proc/sys/kernel/apparmor_restrict_unprivileged_unconfined')
sh('mkdir runtime; chmod 700 runtime; chown 10001 runtime')
user = ['setpriv', '--reuid=10001', '--regid=10001', '--clear-groups', '--', 'env', f'XDG_RUNTIME_DIR={WORK}/runtime']
before = sysctl.read_text()
for restricted, label in ('0', 'casemate-default'), ('1', 'casemate-default//&unconfined'):
    try:
        sysctl.write_text(restricted)
        result = run('cat /proc/self/attr/apparmor/current; cat /proc/keys || echo denied', wrapper=user)
    finally:
        sysctl.write_text(before)
    expect(result.code == 0 and f'{label} (enforce)\n' in result.out and 'denied\n' in result.out, restricted, result)
    expect(result.event('launched')['controls']['apparmor'] == f'{label} (enforce)', result.events)
