# A controller that was not delegated to us is an error that names it and says what to do; so is a cgroup of somebody else's. Nothing is left out.
# needs: root limits.memory limits.pids limits.cpus
run('true')
with ground.cgroup('scenario', controllers='+memory +pids +cpu') as above, \
     ground.cgroup('poor', parent=above, controllers='+memory') as poor, ground.cgroup('roots', parent=above, controllers='+memory') as roots:
    result = run(before=ground.enter(poor))
    expect(result.code == 125 and not result.begun and re.search(r'/limits: no cgroup controller: cpu not delegated to us, pids not delegated to us', result.err), result)
    expect('Delegate=yes' in result.err and '--without limits.cpus,limits.pids' in result.err, result)
    result = run('cat /sys/fs/cgroup/memory.max', without=['limits.cpus', 'limits.pids'], before=ground.enter(poor))
    expect(result.code == 0 and '536870912' in result.out, 'what is left of the limits holds', result)
    # An ordinary user in a cgroup of root's.
    sh('mkdir -m 700 runtime; chown 10001 runtime')
    user = ['setpriv', '--reuid=10001', '--regid=10001', '--clear-groups', '--', 'env', f'XDG_RUNTIME_DIR={WORK}/runtime']
    result = run(before=ground.enter(roots), wrapper=user)
    expect(result.code == 125 and not result.begun and 'was not delegated to us' in result.err and 'systemd-run --user' in result.err, result)
