# A service is asked after its health, inside its own walls, by a process that is not the supervisor; what follows is shown, told and done.
# policy: {"healthcheck": {"interval": "200ms", "timeout": "30s", "retries": 2}}
# slow: 2
import socket

SERVE = 'httpd -f -p 8080 -h /tmp & '

def status(name):
    return json.loads(casemate('inspect', name).out)[0]['health']

def becomes(running, want):
    name = running.event('launched')['name']
    def holds():
        try:
            return (status(name) or {}).get('status') == want
        except (ValueError, LookupError):
            return False
    running.wait_for(holds)
    return status(name)

TCP, EXEC = {'healthcheck': {'tcp': 8080}}, {'healthcheck': {'exec': ['/bin/sh', '-c', 'test -e /tmp/well']}}
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
    address = f'casemate-health-{os.getpid()}'
    manager.bind('\0' + address)
    manager.settimeout(30)
    env = {'NOTIFY_SOCKET': '@' + address, 'WATCHDOG_USEC': '400000'}

    def until(word):
        said = []
        while not said or word not in said[-1]:
            said.append(manager.recv(4096).decode())
        return said

    # TCP: healthy, unhealthy, healthy again; the watchdog hears nothing while it is not.
    running = start('trap "exit 5" TERM; trap "kill %1; wait %1 || true; echo off" USR1; ' + f'trap "{SERVE} echo on" USR2; '
                    f'{SERVE} while :; do sleep 0.1; done', policy={**TCP, 'notify': 'healthy'}, env=env)
    said = until('READY=1')
    expect('READY' not in said[0] and 'MAINPID' in said[0] and 'EXTEND_TIMEOUT_USEC=64400000\n' in said[0] and 'is healthy' in said[-1], said)
    expect(becomes(running, 'healthy')['last'] == 'it answers', 'healthy')
    name = running.event('launched')['name']
    expect('healthy' in casemate('ps').out, casemate('ps').out)
    until('WATCHDOG=1')
    if host.root:       # who asks has the workload's ids, its network, and nothing else
        checker = next(pid for pid in Path(f'/proc/{running.pid}/task/{running.pid}/children').read_text().split()
                       if Path(f'/proc/{pid}/comm').read_text() == 'casemate-check\n')
        text = Path(f'/proc/{checker}/status').read_text()
        expect(all(re.search(f'^{field}:\t{value}', text, re.M) for field, value in
                   (('Uid', '10001'), ('CapPrm', '0+$'), ('CapEff', '0+$'), ('NoNewPrivs', '1'), ('Seccomp', '2'))), text)
        pid = running.event('launched')['pid']
        expect(os.readlink(f'/proc/{checker}/ns/net') == os.readlink(f'/proc/{pid}/ns/net'), 'in the network of the container')
    running.signal(signal.SIGUSR1)
    becomes(running, 'unhealthy')
    until('is unhealthy: Connection refused')
    time.sleep(1)
    manager.setblocking(False)
    heard = []
    while True:
        try:
            heard.append(manager.recv(4096).decode())
        except BlockingIOError:
            break
    manager.settimeout(30)
    expect('WATCHDOG=1' not in heard, heard)
    running.signal(signal.SIGUSR2)
    becomes(running, 'healthy')
    said = until('WATCHDOG=1')
    expect(not any('READY=1' in message for message in said), 'it is ready once', said)
    running.signal(signal.SIGTERM)
    expect(running.wait().code == 5, running.so_far())

# A service that takes connections elsewhere is ended, if the policy says so: by the stop signal, then by SIGKILL. However it ends, a
# manager must see that it failed; but not when it was stopped in order before anybody found it unhealthy.
for act, forced in (f'trap "exit 0" TERM; {SERVE} while :; do sleep 0.1; done', False), (f'trap "" TERM; {SERVE} while :; do sleep 0.1; done', True):
    running = start(act, policy={'healthcheck': {'tcp': 9999, 'on_failure': 'kill'}, 'stop': {'timeout': '500ms'}})
    result = running.wait()
    exited = result.events[-1]
    expect((result.code, exited['code'], exited['failed'], exited['forced']) == (124, 124, True, forced), exited)
running = start(f'trap "kill %1; sleep 2; exit 0" TERM; {SERVE} while :; do sleep 0.1; done',
                policy={'healthcheck': {'tcp': 8080, 'on_failure': 'kill'}, 'stop': {'timeout': '1m'}})
becomes(running, 'healthy')
running.signal(signal.SIGTERM)
result = running.wait()
expect(result.code == 0 and not result.events[-1]['failed'], result.events[-1])

# A program: as the workload, with its ids and walls; `casemate exec` need not be allowed for it.
running = start('trap "touch /tmp/well" USR1; trap "rm /tmp/well" USR2; touch /tmp/well; while :; do sleep 0.1; done', policy=EXEC)
health = becomes(running, 'healthy')
name = running.event('launched')['name']
running.signal(signal.SIGUSR2)
expect(becomes(running, 'unhealthy')['last'] == 'the check ended with 1', status(name))
expect(casemate('exec', '--healthcheck', name).code == 1, 'by hand as well')
expect(casemate('exec', name, '/bin/true').code == 125, 'which allows nothing else')
for option in ['-i'], ['-t'], ['-w', '/tmp']:
    result = casemate('exec', '--healthcheck', *option, name)
    expect(result.code == 125 and 'goes without' in result.err, option, result)
running.signal(signal.SIGUSR1)
becomes(running, 'healthy')
expect(casemate('exec', '--healthcheck', name).code == 0, 'by hand as well')
running.signal(signal.SIGKILL)          # the checker ends with its supervisor: the runner looks
running.wait()
running = start('while :; do sleep 0.1; done', policy={'healthcheck': {'exec': ['/bin/sleep', '100'], 'timeout': '300ms', 'start_period': '0s'}})
expect(becomes(running, 'unhealthy')['last'] == 'it did not answer in time', 'too late')
running.stop()
running = start('while :; do sleep 0.1; done', policy={'healthcheck': {'exec': ['/bin/sh', '-c', 'id -u; test $(id -u) = 10001 && ! touch /file']}})
expect(becomes(running, 'healthy'), 'confined as the workload')
running.stop()

# While it starts, failures do not count.
running = start('sleep 3; touch /tmp/well; while :; do sleep 0.1; done', policy={'healthcheck': {**EXEC['healthcheck'], 'start_period': '1m'}})
running.event('launched')
time.sleep(1.5)
expect(status(running.event('launched')['name'])['status'] == 'starting', 'still starting')
becomes(running, 'healthy')
running.stop()

for policy, why in (({'healthcheck': {'tcp': 1, 'exec': ['/bin/true']}}, 'one of exec and tcp'), ({'notify': 'healthy', 'healthcheck': {}}, 'nobody asks'),
                    ({'healthcheck': {'tcp': 65536}}, '65535'), ({'healthcheck': {'tcp': 80, 'interval': '0s'}}, '100ms')):
    result = run(policy=policy)
    expect(result.code == 125 and not result.begun and why in result.err, why, result)
# One that is over before anybody could ask.
for policy in TCP, EXEC, {'init': False, **TCP}:
    for _ in range(5):
        result = run('exit 7', policy=policy)
        expect(result.code == 7 and 'warning' not in result.err, result)
# A run directory that fills up: what cannot be told of its health is no health check. Each size but the last is too small for something.
if host.root:
    host.state.mkdir(mode=0o700, exist_ok=True)
    for pages in range(1, 40):
        sh(f'mount -t tmpfs -o size={pages * 4096},mode=700 full {host.state}')
        try:
            running = start('while :; do sleep 0.1; done', policy=EXEC, options=['--name', 'full'])
            running.wait_for(lambda: running.process.poll() is not None or running.events())
            told = running.events() and [c for c in json.loads(casemate('ps', '--json').out) if c['name'] == 'full']
            expect(not told or told[0]['health'], pages, told)
        finally:
            running.stop()
            sh(f'umount {host.state}')
        if told:
            break
    expect(told and pages > 1, 'one is too small, one is not')
