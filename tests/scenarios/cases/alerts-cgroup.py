# Signs of trouble, told while there is time: held back by limits.cpus, short of memory, near limits.pids; each once, and only where it was asked for.
# slow: 2
# needs: root limits.memory limits.cpus limits.pids
etc = WORK / 'etc'
trail = WORK / 'log/audit.jsonl'
(etc / 'casemate').mkdir(parents=True)
trail.parent.mkdir(mode=0o700)
(etc / 'casemate/floor.json').write_text(json.dumps({'version': 1, 'without': GAPS, 'audit': {'file': str(trail)}}))
inside = ['unshare', '-m', 'sh', '-c', f'mount --bind {etc} /etc && exec "$@"', 'inside']
def events(kind):
    return [e for e in map(json.loads, trail.read_text().splitlines()) if e['event'] == kind]
def alerts(name):
    return sorted(e['alert'] for e in events('alert') if e['name'] == name)
manager = ground.socket.socket(ground.socket.AF_UNIX, ground.socket.SOCK_DGRAM)
manager.bind(str(WORK / 'notify'))
manager.settimeout(0.1)
busy = 'for i in $(seq 14); do sleep 600 & done; while :; do :; done'
short = 'while :; do probe memory 33; done'
limits = {'cpus': 0.2, 'pids': 20}
memory = {'memory': '128M', 'memory_high': '24M'}
asked = {'cpu_throttled': 30, 'memory_pressure': 10, 'pids': 80}
cases = {
    'busy': start(busy, policy={'limits': limits, 'alerts': asked}, options=['--name', 'busy'], wrapper=inside, env={'NOTIFY_SOCKET': str(WORK / 'notify')}),
    'short': start(short, policy={'limits': memory, 'alerts': asked}, options=['--name', 'short'], wrapper=inside),
    # the same without the keys; and with the keys, but nothing wrong
    'unasked': start(f'{busy} & {short}', policy={'limits': {**limits, **memory}}, options=['--name', 'unasked'], wrapper=inside),
    'well': start('for i in $(seq 9); do sleep 600 & done; wait', policy={'limits': {**limits, **memory}, 'alerts': asked}, options=['--name', 'well'],
                  wrapper=inside),
}
for running in cases.values():
    running.event('launched')
deadline = time.monotonic() + 100
while time.monotonic() < deadline and (len(alerts('busy')) < 2 or not alerts('short')):
    time.sleep(0.5)
time.sleep(11)      # another sample: what was told is not told again
told = {name: alerts(name) for name in cases}
expect(told['busy'] == ['cpu_throttled', 'pids_near_limit'], told)
expect(set(told['short']) == {'memory_pressure'}, told)
expect(told['unasked'] == told['well'] == [], told)
messages = {e['alert']: e['message'] for e in events('alert')}
expect(re.fullmatch(r'1[6-9] of 20 processes and threads', messages['pids_near_limit']), messages)
expect(int(re.search(r'for (\d+) %', messages['cpu_throttled'])[1]) >= 30, messages)
# The service manager's status says it, too.
status = []
try:
    while True:
        status.append(manager.recv(4096).decode())
except TimeoutError:
    pass
expect(any('STATUS=container busy: 1' in s and 'processes and threads' in s for s in status), status)
for running in cases.values():
    running.signal(signal.SIGTERM)
for running in cases.values():
    running.wait(60)
