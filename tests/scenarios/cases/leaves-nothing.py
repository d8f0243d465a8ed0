# After 200 launches, failures and kills of all sorts among them, nothing is left: no cgroup, mount, process, state or file.
# (Every case is followed by such a search; here leftovers would add up, and the kills hit a launch at any moment.)
# slow: 4
LAUNCHES, AT_ONCE = int(os.environ.get('LAUNCHES', 200)), 8
sh('cp -a "$ROOTFS" rootfs')
def kill(whom, number=signal.SIGKILL):
    def act(running):
        os.kill(running.event('launched')[whom], number)
    return act
def stop_deaf(running):
    running.wait_for('deaf')
    kill('supervisor_pid', signal.SIGTERM)(running)
def kill_early(running):
    # From before the first instruction to after the launch, by turns.
    time.sleep(took * len(seen['killed early']) / (LAUNCHES / len(KINDS)))
    running.signal(signal.SIGKILL)
# What is started, what is done to it, and how it must end.
KINDS = {
    'ok': (dict(act='true'), None, {0}),
    'fails': (dict(act='exit 3'), None, {3}),
    'bad option': (dict(options=['--no-such-option']), None, {125}),
    'bad policy': (dict(policy={'nonsense': True}), None, {125}),
    'no such program': (dict(args=['/no/such']), None, {127}),
    'no such source': (dict(policy={'mounts': [{'source': '/no/such', 'target': '/data'}]}), None, {125}),
    'no such working directory': (dict(policy={'cwd': '/no/such'}), None, {125}),
    'killed early': (dict(act='sleep 600'), kill_early, {-9}),
    'supervisor killed': (dict(act='sleep 600'), kill('supervisor_pid'), {-9}),
    'PID 1 killed': (dict(act='sleep 600'), kill('init_pid'), {137}),
    'workload killed': (dict(act='sleep 600 & sleep 600'), kill('pid'), {137}),
    'terminated': (dict(act='exec probe pause'), kill('supervisor_pid', signal.SIGTERM), {0, 143}),
    'stop timed out': (dict(act="trap '' TERM; echo deaf; sleep 600", policy={'stop': {'timeout': '100ms'}}), stop_deaf, {137}),
    'out of memory': (dict(args=['/bin/probe', 'memory', '64'], policy={'limits': {'memory': '16M'}}), None, {137}),
}
if 'limits.memory' in GAPS:
    del KINDS['out of memory']
seen = {kind: [] for kind in KINDS}

def left():
    """Of these launches: their processes are those that have the root directory of this case, the rest has their name."""
    device, processes = os.stat(WORK / 'rootfs').st_dev, []
    device = f'{os.major(device)}:{os.minor(device)}'
    for pid in filter(str.isdecimal, os.listdir('/proc')):
        try:
            rows = [line.split(' ') for line in Path(f'/proc/{pid}/mountinfo').read_text().splitlines()]
        except OSError:
            continue
        if any(row[2] == device and row[3].endswith(f'/{WORK.name}/rootfs') and row[4] == '/' for row in rows):
            processes.append(f'process {pid}: {ground.describe(pid)}')
    named = [path for path in [*ground.cgroups(), *ground.tree_of_names(host.state)] if 'leaves-' in path]
    return [*processes, *named, *map(str, ground.mounts()), *ground.tree_of_names(host.tmpdir)]

began = time.monotonic()
run('true')
took = time.monotonic() - began
before = left()
todo = [list(KINDS)[n % len(KINDS)] for n in range(LAUNCHES)]
while todo:
    now = []
    for kind in todo[:AT_ONCE]:
        arguments, then, codes = KINDS[kind]
        arguments = {**arguments, 'policy': {**arguments.get('policy', {}), 'rootfs': f'{WORK}/rootfs'}}
        if kind != 'bad option':
            arguments['options'] = ['--name', f'leaves-{len(todo)}-{len(now)}']
        now.append((kind, then, codes, start(**arguments)))
    del todo[:AT_ONCE]
    for kind, then, codes, running in now:
        if then:
            then(running)
        result = running.wait()
        expect(result.code in codes, kind, codes, result)
        seen[kind].append(result.code)
expect(sum(map(len, seen.values())) == LAUNCHES, seen)
run('true')     # what a killed supervisor could not remove goes with the next launch
deadline = time.monotonic() + 20
while (now := left()) != before and time.monotonic() < deadline:
    time.sleep(0.05)
expect(now == before, 'left behind:', *sorted(set(now) - set(before)), 'gone:', *sorted(set(before) - set(now)))
