# `casemate exec`: whatever the workload may not do the program that is brought in may not do either, and it is nobody
# else in any respect; off unless the policy allows it.
# policy: {"capabilities": ["NET_BIND_SERVICE"], "cwd": "/data", "env": {"COLOUR": "blue"}, "limits": {"rlimits": {"nofile": 333}}}
look = r'''grep -E '^(Umask|Uid|Gid|Groups|Cap...|NoNewPrivs|Seccomp|Seccomp_filters|SigBlk|SigIgn|THP_enabled):' /proc/self/status
cat /proc/self/limits /proc/self/oom_score_adj /proc/self/cgroup
for ns in user mnt pid ipc uts net cgroup time; do readlink /proc/self/ns/$ns; done
readlink /proc/self/root; pwd; env | grep -v -e ^SHLVL -e ^_ -e ^PWD -e ^OLDPWD | sort; cut -d' ' -f19,40,41 /proc/self/stat'''
wait = '; echo ready; while :; do sleep 0.1; done'
def inside(*args):
    return casemate('exec', 'scenario', '--', *args)

running = start(look + wait, options=['--name', 'scenario'])
running.wait_for('ready')
result = inside('/bin/true')
expect(result.code == 125 and 'does not allow it' in result.err and '"exec": true' in result.err, result)
running.signal(signal.SIGTERM)
running.wait()

running = start(look + wait, options=['--name', 'scenario'], policy={'exec': True, 'user': {'groups': [4242] if os.geteuid() == 0 else []}})
running.wait_for('ready')
was = running.so_far().out.split('the act begins\n')[1].split('ready')[0]
expect([w['rule'] for w in running.event('launched')['weakenings'] if w['rule'] == 'exec.allowed'], 'it is no weakening')
result = inside('/bin/sh', '-c', look)
expect(result.code == 0 and result.out == was, 'the workload:', was, 'and the other:', result)

# What the workload is kept from: the root, mounts, namespaces, executing what was written, other processes, Landlock.
for act in ('echo x > /x', 'echo x > /bin/x', 'mount -t tmpfs none /tmp', 'unshare -U true', 'mknod /tmp/n c 1 3', 'chmod 4755 /bin/busybox',
            'cp /bin/busybox /tmp/b && /tmp/b true', 'echo 1 > /proc/self/timerslack_ns', 'cat /proc/1/environ', 'ls /proc/1/fd/',
            'cat /proc/kcore', 'echo x > /proc/sys/kernel/core_pattern', 'su -c true', 'ulimit -n 334', 'hostname x'):
    result = inside('/bin/sh', '-c', f'{act} && echo DONE')
    expect(result.code != 0 and 'DONE' not in result.out, act, result)
expect(inside('/bin/sh', '-c', 'echo x > /tmp/x && cat /tmp/x').out == 'x\n', 'it cannot do what the workload can')

# Exit codes; a directory of its own; the magic links of CVE-2024-21626.
expect(inside('/bin/sh', '-c', 'exit 7').code == 7, 'its code')
expect(inside('/bin/nothing').code == 127 and inside('/etc/passwd').code == 126, 'what cannot be executed')
expect(casemate('exec', '-w', '/tmp', 'scenario', 'pwd').out == '/tmp\n', '--workdir')
for fd in range(3, 40):
    result = casemate('exec', '--workdir', f'/proc/self/fd/{fd}', 'scenario', '--', '/bin/sh', '-c',
                      'stat -c %d:%i . "$(readlink /proc/self/cwd)"')
    expect(result.code == 125 or (result.code == 0 and len(set(result.out.split())) == 1), result)
expect(casemate('exec', 'nobody', 'true').code == 125, 'no such container')
running.signal(signal.SIGTERM)
running.wait()
expect(inside('true').code == 125, 'it has ended')
