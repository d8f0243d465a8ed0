# What a policy is exported to makes crun and runc set the same controls: ids, capabilities, calls, mounts, limits, namespaces.
# needs: root apparmor limits.memory limits.pids /usr/bin/crun /usr/sbin/runc
volume, shared = WORK / 'volume', WORK / 'shared'
for path in volume, shared:
    path.mkdir(mode=0o777)
    path.chmod(0o777)
LOOK = r'''
# The reader is asked, not the shell: a parent that is just returning from fork(3) still blocks all signals.
cd /proc/self; echo "== status"; cat /proc/self/status
echo "== limits"; cat limits
echo "== mounts"; cat mountinfo
echo "== ns"; for n in cgroup ipc mnt net pid time user uts; do echo $n $(readlink /proc/1/ns/$n); done
echo "== apparmor"; cat attr/current
echo "== cgroup"; cd /sys/fs/cgroup; for f in memory.max memory.high memory.swap.max memory.oom.group cpu.max cpu.weight pids.max; do echo $f $(cat $f); done
echo "== sysctl"; cat /proc/sys/kernel/shmmni; hostname; umask; env | sort; id
echo "== writable"; for d in / /etc /dev /dev/shm /dev/mqueue /tmp /run /data /shared /proc/sys/kernel /sys /sys/fs/cgroup; do touch $d/x 2>/dev/null && echo $d; done; true
echo "== hidden"; for f in kcore keys kallsyms interrupts timer_list; do head -c1 /proc/$f 2>/dev/null | wc -c; done; ls /sys/firmware /proc/acpi | wc -l
echo "== devices"; ls /dev | sort
echo "== calls"; probe sweep 470 list
'''
(shared / 'look').write_text(LOOK)
(shared / 'look').chmod(0o755)
policy = {
    'name': 'compared', 'user': {'groups': [10002], 'umask': '0027'}, 'capabilities': ['NET_BIND_SERVICE'],
    'args': ['/bin/sh', '/root/look'], 'env': {'LANG': 'C', 'HOME': '/root'}, 'init': False, 'landlock': False,
    'limits': {'memory': '64M', 'memory_high': '48M', 'cpus': 0.5, 'cpu_weight': 50, 'pids': 64, 'rlimits': {'nofile': 256, 'cpu': 60}},
    'mounts': [{'source': str(volume), 'target': '/data', 'read_only': False}, {'source': str(shared), 'target': '/root', 'exec': True},
               {'type': 'tmpfs', 'target': '/run', 'size': '1M', 'mode': '0755'}],
    'shm': '4M', 'sysctl': {'kernel.shmmni': '123'},
}


def sections(text):
    return {part.split('\n', 1)[0]: part.split('\n', 1)[1] for part in text.split('== ')[1:]}


def mountinfo(text):
    """{point: (options, type)} of what is on top, the propagation aside from being private."""
    found = {}
    for line in text.splitlines():
        row = line.split(' ')
        dash = row.index('-')
        options = set(row[5].split(',')) - {'relatime', 'noatime', 'idmapped'}
        found[row[4]] = (frozenset(options), row[dash + 1], ' '.join(row[6:dash]))
    return found


def facts(text, runtime):
    """What must be equal, as {what: value}."""
    part = sections(text)
    status = dict(line.split(':', 1) for line in part['status'].splitlines() if ':' in line)
    got = {f'status {name}': ' '.join(status[name].split()) for name in
           'Uid Gid Groups CapInh CapPrm CapEff CapBnd CapAmb NoNewPrivs Seccomp Umask SigBlk SigIgn'.split()}
    # A limit that the policy leaves open is the caller's own in each of them.
    got |= {f'limit {line[:26].strip()}': line[26:].split()[:2] for line in part['limits'].splitlines()[1:]}
    for line in part['ns'].splitlines():
        name, value = line.split()
        got[f'namespace {name}'] = value != os.readlink(f'/proc/self/ns/{name}')
    got |= {name: part[name] for name in ('apparmor', 'cgroup', 'sysctl', 'hidden')}
    # AppArmor 4 has profiles of its own for crun and runc, which forbid nothing and stay on top of the workload's.
    got['apparmor'] = re.sub(r'//&(crun|runc) \(mixed\)', ' (enforce)', got['apparmor'])
    # /dev/core and /dev/console are links and a node that only some make.
    got['devices'] = [name for name in part['devices'].split() if name not in ('core', 'console')]
    got['writable'] = part['writable'].split()
    return got


def compare(runtime, mine, theirs):
    a, b = facts(mine.out, 'casemate'), facts(theirs.out, runtime)
    different = [f'{what}: casemate {a.get(what)!r}, {runtime} {b.get(what)!r}' for what in a | b if a.get(what) != b.get(what)]
    here, there = (mountinfo(sections(r.out)['mounts']) for r in (mine, theirs))
    for point in sorted(here | there):
        if point.startswith('/etc/') or point == '/dev/console':
            continue    # files that casemate makes are named as lost; a console is not asked for
        if point not in here or point not in there:
            different.append(f'mount {point}: casemate {here.get(point)}, {runtime} {there.get(point)}')
            continue
        (mine_o, mine_t, mine_p), (their_o, their_t, their_p) = here[point], there[point]
        # What hides a path is each one's own: an empty file or directory. A device is not executed; nodev is the parent's.
        if point.startswith(('/proc/', '/sys/')) and point != '/sys/fs/cgroup' or point.startswith('/dev/') and mine_t == 'devtmpfs':
            less = {'ro'} - their_o if their_t == 'proc' else {'nosuid'} - their_o if their_t == 'devtmpfs' else set()
        else:
            less = (mine_o ^ their_o) - ({'nosuid', 'nodev'} if point == '/' else set())     # named as lost
            if mine_t != their_t:
                different.append(f'mount {point}: casemate {mine_t}, {runtime} {their_t}')
        if less or their_p:
            different.append(f'mount {point}: casemate {sorted(mine_o)}, {runtime} {sorted(their_o)} {their_p}')
    calls = [set(sections(r.out)['calls'].split('\n')[:-2]) for r in (mine, theirs)]
    if calls[1] - calls[0]:
        different.append(f'{runtime} allows {sorted(calls[1] - calls[0])}')
    # A library older than the profile denies what it has no name for.
    if any(int(nr) < 424 for nr in calls[0] - calls[1]):
        different.append(f'{runtime} lacks {sorted(calls[0] - calls[1])}')
    return different


for runtime, spaces in ('crun', {}), ('runc', {'time': False}):
    mine = run(args=[], policy=policy | {'namespaces': spaces}, seconds=60)
    expect(mine.code == 0, mine)
    exported = casemate('export', 'oci', WORK / f'policy-{0 if runtime == "crun" else 1}.json')
    expect(exported.code == 0 and 'lost: /namespaces/user' in exported.err, exported)
    bundle = WORK / runtime
    bundle.mkdir()
    (bundle / 'config.json').write_text(exported.out)
    for path in [bundle, *bundle.parents]:
        if path.is_relative_to(WORK.parent):
            path.chmod(0o755)
    process = host.start([f'/usr/bin/{runtime}' if runtime == 'crun' else f'/usr/sbin/{runtime}', '--root', str(bundle / 'state'), 'run',
                          '-b', str(bundle), f'casemate-test-{runtime}'])
    out, err = process.communicate(timeout=100)
    theirs = type(mine)([runtime], process.returncode, out.decode(), err.decode(), [])
    expect(theirs.code == 0, theirs)
    different = compare(runtime, mine, theirs)
    expect(not different, f'{runtime} as casemate', *different)
