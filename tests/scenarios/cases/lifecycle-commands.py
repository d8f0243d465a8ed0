# A container is found by its name: ps, inspect, kill, stop, wait, rm, while it runs, after it ended, and after its supervisor was killed.
def ask(*argv, code=0):
    result = casemate(*argv)
    expect(result.code == code, argv, result)
    return result
def names(*options):
    return ask('ps', '-q', *options).out.split()
name = f'life-{os.getpid()}'
trap = "trap 'echo got HUP' HUP; trap 'echo going; exit 3' TERM; echo up; while :; do sleep 0.05; done"
running = start(trap, options=['--name', name, '--keep'])
launched = running.event('launched')
running.wait_for('up')
expect(name in names(), 'not listed')
row = next(r for r in json.loads(ask('ps', '--json').out) if r['name'] == name)
expect(row['status'] == 'running' and row['launched']['pid'] == launched['pid'], row)
told = json.loads(ask('inspect', name).out)[0]
expect(told['status'] == 'running' and told['launched'] == launched and told['policy']['limits']['pids'] == 256, told)
if 'limits.pids' not in GAPS:
    expect(told['live']['pids.max'] == 256 and told['live']['pids.current'] >= 1, told['live'])
# A signal reaches the workload itself. No name but a container's is one.
ask('kill', '--signal', 'HUP', name)
running.wait_for('got HUP')
ask('wait', '--time', '100ms', name, code=1)
for wrong in '../x', '', 'nothing-of-the-kind', '.':
    for command in 'inspect', 'kill', 'stop', 'wait', 'rm':
        expect('casemate: ' in ask(command, wrong, code=125).err, command, wrong)
expect('running' in ask('rm', name, code=125).err, 'removed alive')
ask('kill', '--signal', 'NONE', name, code=125)
# Stopped: its own exit code, which stays until it is removed.
ask('stop', name)
running.wait_for('going')
expect(running.wait().code == 3, 'exit code')
expect(name not in names() and name in names('-a'), names('-a'))
expect(ask('wait', name).out == '3\n', 'the code is not kept')
told = json.loads(ask('inspect', name).out)[0]
expect(told['status'] == 'ended' and told['exited']['code'] == 3 and 'live' not in told, told)
for command in 'stop', 'kill':
    expect('has ended' in ask(command, name, code=125).err, command)
ask('rm', name)
expect(name not in names('-a') and 'no container named' in ask('rm', name, code=125).err, 'still there')
# Whoever waits learns the code of one that leaves nothing, too.
running = start('while :; do sleep 0.05; done', options=['--name', name])
running.event('launched')
code = []
waiter = __import__('threading').Thread(target=lambda: code.append(casemate('wait', name)))
waiter.start()
time.sleep(0.3)
ask('kill', '-s', '9', name)
waiter.join(20)
expect(code and code[0].out == '137\n', code)
running.wait()
expect(name not in names('-a'), 'a container in the foreground left something')
# Deaf to the stop signal, and the caller has no time: by force, long before the policy's ten seconds.
running = start("trap '' TERM; echo up; while :; do sleep 0.05; done", options=['--name', name], policy={'stop': {'timeout': '60s'}})
running.event('launched')
running.wait_for('up')
began = time.monotonic()
ask('stop', '--time', '200ms', name)
expect(time.monotonic() - began < 20 and running.wait().code == 137, 'stop did not force')
# A supervisor that was killed takes the workload along; what is left is seen, named, and removed.
running = start('while :; do sleep 0.05; done', options=['--name', name])
launched = running.event('launched')
os.kill(launched['supervisor_pid'], signal.SIGKILL)
running.wait()
deadline = time.monotonic() + 10
while name in names() and time.monotonic() < deadline:
    time.sleep(0.01)
row = next(r for r in json.loads(ask('ps', '-a', '--json').out) if r['name'] == name)
expect(row['status'] == 'lost', row)
expect('was killed' in ask('wait', name, code=125).err, 'wait')
ask('rm', name)
expect(name not in names('-a'), 'still there')
# Forced, a running one goes too; in the background, --keep is a matter of course.
ask('run', *(['--without', ','.join(GAPS)] if GAPS else []), '-d', '--name', name, policy({'args': ['/bin/sleep', '60']}))
expect(name in names(), 'not in the background')
ask('rm', '--force', name)
expect(name not in names('-a'), 'still there')
