# A workload that tries to execute what it may not: told when it was so often, and only where it was asked for; not another container's.
# needs: root
manager = ground.socket.socket(ground.socket.AF_UNIX, ground.socket.SOCK_DGRAM)
manager.bind(str(WORK / 'notify'))
manager.settimeout(0.1)
status = ''
def told(name, seconds=0.0):
    global status
    deadline = time.monotonic() + seconds
    while True:
        try:
            while True:
                status += manager.recv(4096).decode()
        except TimeoutError:
            pass
        found = status.count(f'STATUS=container {name}: 3 programs were refused within 10 minutes, the last to sh (seccomp)')
        if found or time.monotonic() > deadline:
            return found
def tries(name, uid, count, **policy):
    act = f'i=0; while [ $i -lt {count} ]; do probe true || :; i=$((i+1)); done; echo over; while :; do :; done'
    running = start(act, policy={'user': {'uid': uid, 'gid': uid}, 'exec_once': True, **policy}, options=['--name', name],
                    env={'NOTIFY_SOCKET': str(WORK / 'notify')})
    running.wait_for('over')
    return running
asked = {'alerts': {'denied_execs': 3}}
two = tries('two', 10081, 2, **asked)
asks = tries('asks', 10082, 3, **asked)
expect(told('asks', 15) == 1, status)
plain = tries('plain', 10083, 5)
more = tries('more', 10084, 7, **asked)
expect(told('more', 15) >= 1, status)
time.sleep(1)
expect(told('two') == told('plain') == 0 and told('asks') == 1 and told('more') == 2, status)
for running in two, asks, plain, more:
    running.signal(signal.SIGTERM)
for running in two, asks, plain, more:
    running.wait()
# Who cannot hear the kernel, or would never hear anything, is told so, and the workload does not start.
result = run('true', policy={**asked}, wrapper=['unshare', '--net'])
expect(result.code == 125 and not result.begun and 'initial network namespace' in result.err, result)
result = run('true', policy={**asked}, wrapper=['setpriv', '--bounding-set=-audit_read', '--inh-caps=-audit_read'])
expect(result.code == 125 and not result.begun and '/alerts/denied_execs' in result.err, result)
