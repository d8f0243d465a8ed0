# casemate update: other limits bite at once, verify holds the container to them, and what must not be is refused as a whole.
# needs: limits.memory limits.cpus limits.pids limits.cpuset
ACT = '''trap : TERM
while read what size </data/order; do
    case $what in
    hold) probe memory $size keep & ;;
    fork) probe processes $size || true ;;
    esac
    echo "done $what"
done'''
(WORK / 'data').mkdir(mode=0o777)
(WORK / 'data').chmod(0o777)
os.mkfifo(WORK / 'data' / 'order')
(WORK / 'data' / 'order').chmod(0o666)
running = start(f'echo up; while :; do {ACT}; done', options=['--name', 'scenario'],
                policy={'limits': {'memory': '200M', 'pids': 40}, 'stop': {'timeout': '1s'}, 'mounts': [{'source': str(WORK / 'data'), 'target': '/data', 'read_only': False}]})
running.wait_for('up', 60)
cgroup = Path('/sys/fs/cgroup' + running.event('launched')['cgroup'])


def order(text, says):
    (WORK / 'data' / 'order').write_text(text + '\n')
    return running.wait_for(says, 60)


def update(*settings):
    return casemate('update', 'scenario', *[word for setting in settings for word in ('--set', setting)])


def files():
    return {name: (cgroup / name).read_text().strip() for name in ('memory.max', 'memory.high', 'cpu.max', 'pids.max', 'cpuset.cpus')
            if (cgroup / name).exists()}


at_first = files()
result = update('limits.memory=100M', 'limits.cpus=0.5', 'limits.pids=30', 'limits.cpuset="0"')
expect(result.code == 0 and result.err == '', result)
want = {'memory.max': str(100 << 20), 'memory.high': 'max', 'cpu.max': '50000 100000', 'pids.max': '30', 'cpuset.cpus': '0'}
expect(files() == want, files())
result = casemate('verify', 'scenario')
expect(result.code == 0 and re.search(r'^limits.pids +holds +30', result.out, re.M), result)
order('fork 60', 'done fork')
expect('fork: EAGAIN' in running.text("out"), running.so_far())

# None of these changes anything.
for settings, why in (
        (['limits.memory=50M', 'limits.memroy=1G'], 'memory'), (['limits.pids=0'], 'limits/pids|1'), (['limits.memory=1K'], 'limits/memory'),
        (['limits.rlimits.nofile=10'], 'start the container anew'), (['capabilities=["SYS_ADMIN"]'], 'holds for as long'),
        (['limits.cpus=0.7', 'limits.cpuset="900"'], 'cpuset')):
    result = update(*settings)
    expect(result.code == 125 and re.search(why, result.err), settings, result)
    expect(files() == want, settings, files())
expect(casemate('verify', 'scenario').code == 0)

# Memory that is in use and cannot be reclaimed (there is no swap) refuses the limit, and nobody is killed for it.
order('hold 60', 'done hold')
deadline = time.monotonic() + 60
while int((cgroup / 'memory.current').read_text()) < 60 << 20:
    expect(time.monotonic() < deadline, 'it is in use')
    time.sleep(0.05)
result = update('limits.pids=20', 'limits.memory=32M')
expect(result.code == 125 and 'cannot be reclaimed' in result.err, result)
expect(files() == want, files())
expect('oom_kill 0' in (cgroup / 'memory.events').read_text())

# Fewer processes than there are: said, and set.
result = update('limits.pids=2')
expect(result.code == 0 and 'no more than 2' in result.err, result)
result = update('limits.pids=40', 'limits.cpuset=""', 'limits.memory=200M', 'limits.cpus=1')
expect(result.code == 0 and files() == {**at_first, 'cpuset.cpus': (cgroup / '../cpuset.cpus.effective').read_text().strip()}, result, files())
expect(casemate('verify', 'scenario').code == 0)
running.signal(signal.SIGTERM)
running.wait(60)
