# The supervisor is killed at random moments of its life ($KILLS of them; 50, and for root here 200): nothing runs on, and no line that the workload has got rid of is lost.
# slow: 4
import random
ROUNDS = int(os.environ.get('KILLS', 50 if 'LAUNCHES' in os.environ or not host.root else 200))
log, told = ground.log_dir(WORK / 'log'), WORK / 'told'
told.mkdir(mode=0o777)
told.chmod(0o777)
name = 'killed'
# The number of a line is written down only once the write to the log has returned: what is below is acknowledged.
act = 'n=0; while :; do n=$((n + 1)); echo "line $n"; echo $n >/data/n; done'
policy_ = {'log': {'driver': 'json-file', 'path': str(log)}, 'mounts': [{'source': str(told), 'target': '/data', 'read_only': False}]}
def alive(pid):
    try:
        return Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()[0] not in 'ZX'
    except OSError:
        return False
def is_workload(pid):
    try:
        return b'/data/n' in Path(f'/proc/{pid}/cmdline').read_bytes() and alive(pid)
    except OSError:
        return False
def until(holds, what):
    deadline = time.monotonic() + 20
    while not holds():
        expect(time.monotonic() < deadline, f'waited in vain: {what}')
        time.sleep(0.002)
def acknowledged():
    text = (told / 'n').read_text().strip() if (told / 'n').exists() else ''
    return int(text) if text else 0
# How long a launch takes here, so that half of the kills hit the launch and half what comes after.
began = time.monotonic()
first = start(act, options=['--name', name], policy=policy_)
first.event('launched')
took = time.monotonic() - began
first.signal(signal.SIGTERM)
first.wait()
random.seed(os.getpid())
running_when_killed = lines = 0
for i in range(ROUNDS):
    for file in [*log.iterdir(), *told.iterdir()]:
        file.unlink()
    running = start(act, options=['--name', name], policy=policy_)
    time.sleep(random.uniform(0, 2 * took))
    running.signal(signal.SIGKILL)
    result = running.wait()
    launched = result.event('launched')
    if launched:
        running_when_killed += 1
        for who in 'pid', 'init_pid':
            until(lambda: not alive(launched[who]), f'{who} is gone')
        until(lambda: not alive(launched['log']['pid']), 'the log driver has written what there was, and is gone')
        written = [json.loads(line)['log'] for line in (log / f'{name}.log').read_text().splitlines()]
        written = [line for line in written if line.startswith('line ')]
        expect(written == [f'line {n + 1}\n' for n in range(len(written))], 'lines are missing in the middle', written[-3:])
        expect(len(written) >= acknowledged(), 'a line was lost', len(written), acknowledged())
        lines += len(written)
    # Before the record nobody can name the processes: none of this workload's may be there.
    until(lambda: not any(map(is_workload, filter(str.isdecimal, os.listdir('/proc')))), 'something runs on')
note(f'{ROUNDS} kills, {running_when_killed} of them while the workload ran, {lines} lines kept')
expect(running_when_killed >= ROUNDS // 10, 'hardly any kill hit a running workload', running_when_killed)
# What could not be removed any more, the next launch of the name does.
run('true', options=['--name', name])
