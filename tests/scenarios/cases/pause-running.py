# casemate pause stops every process where it is, resume lets them go on, and a paused container can be stopped all the same.
# needs: limits.memory
def ticks():
    return (WORK / 'data' / 'ticks').stat().st_size if (WORK / 'data' / 'ticks').exists() else 0


def wait_for_more(than):
    deadline = time.monotonic() + 60
    while ticks() <= than:
        expect(time.monotonic() < deadline, 'it ticks')
        time.sleep(0.02)


(WORK / 'data').mkdir(mode=0o777)
(WORK / 'data').chmod(0o777)
running = start('(while :; do printf x >>/data/ticks; sleep 0.02; done) & trap "echo bye; exit 3" TERM; echo up; while :; do sleep 0.1; done',
                options=['--name', 'scenario'],
                policy={'mounts': [{'source': str(WORK / 'data'), 'target': '/data', 'read_only': False}], 'stop': {'timeout': '2s'}})
running.wait_for('up', 60)
wait_for_more(0)
cgroup = Path('/sys/fs/cgroup' + running.event('launched')['cgroup'])

result = casemate('pause', 'scenario')
expect(result.code == 0 and 'frozen 1' in (cgroup / 'cgroup.events').read_text(), result)
before = ticks()
time.sleep(0.5)
expect(ticks() == before, 'it ticks on')
result = casemate('pause', 'scenario')
expect(result.code == 125 and 'paused already' in result.err, result)
stats = json.loads(casemate('stats', '--json', '--no-stream', 'scenario').out)
expect(stats['paused'] is True, stats)

result = casemate('resume', 'scenario')
expect(result.code == 0 and 'frozen 0' in (cgroup / 'cgroup.events').read_text(), result)
wait_for_more(before)
result = casemate('resume', 'scenario')
expect(result.code == 125 and 'not paused' in result.err, result)

# A frozen process hears no SIGTERM; the timeout ends it.
expect(casemate('pause', 'scenario').code == 0)
running.signal(signal.SIGTERM)
result = running.wait(60)
expect(result.code == 137 and result.event('exited')['forced'] and 'bye' not in result.out, result)
expect(not cgroup.exists(), 'nothing is left')
result = casemate('pause', 'scenario')
expect(result.code == 125 and 'scenario' in result.err, result)
