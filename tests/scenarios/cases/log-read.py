# casemate logs: rotated, compressed and current files as one log; the last lines; by time; followed while it is rotated.
# slow: 3
log = ground.log_dir(WORK / 'log')
name = f'read-{os.getpid()}'
os.environ['XDG_STATE_HOME'] = str(WORK / 'state')
link = Path('/var/log/casemate') / name if os.getuid() == 0 else WORK / 'state/casemate' / name
policy = {'log': {'driver': 'json-file', 'path': str(log), 'max_size': '64K', 'max_files': 100}}
count = 4000
result = run(f'seq 1 {count}', policy=policy, options=['--name', name])
expect(result.code == 0 and result.event('exited')['log']['rotations'] > 8, result)
def logs(*options):
    return casemate('logs', *options, name)
def numbers(text):
    return [int(line) for line in text.splitlines() if line.isdigit()]
# The driver compresses when nobody else wants the CPU, and is gone once its work is done: the next one goes on with it.
running = start(f'seq {count + 1} {2 * count}; echo all said; sleep 60', policy=policy, options=['--name', name])
while not logs('-n', '3').out.endswith('all said\n'):
    time.sleep(0.05)
deadline = time.monotonic() + 40
while time.monotonic() < deadline and (log / f'{name}.log.3').exists():
    time.sleep(0.05)
names = sorted(path.name for path in log.iterdir())
expect(f'{name}.log' in names and f'{name}.log.1' in names and f'{name}.log.3.gz' in names, names)
running.signal(signal.SIGTERM)
running.wait()
shown = logs()
expect(shown.code == 0 and numbers(shown.out) == list(range(1, 2 * count + 1)), shown.err, len(numbers(shown.out)))
for n in 0, 1, 10, count + 17:
    lines = shown.out.splitlines()
    expect(logs('-n', str(n)).out.splitlines() == lines[len(lines) - n:], f'not the last {n} lines')
stamped = logs('-t', '-n', '2').out.splitlines()
expect(stamped[0].endswith(f'Z {2 * count}') and stamped[1].endswith('Z all said'), stamped)
moment = stamped[0].split()[0]
expect(numbers(logs('--since', moment).out)[-1] == 2 * count and logs('--until', '2001-01-01T00:00:00Z').out == '', 'by time')
expect(logs('--since', 'yesterday').code == 125, 'a time that is none')
# Followed from the beginning to the end, over every rotation.
running = start('sleep 1; for i in 1 2 3 4 5; do seq 1 1000; done; echo over', policy=policy, options=['--name', name])
since = running.event('launched')['time']
follower = ground.subprocess.Popen([casemate('version').argv[0], 'logs', '-f', '--since', since, name], stdout=ground.subprocess.PIPE, text=True)
out, _ = follower.communicate(timeout=60)
running.wait()
expect(numbers(out) == list(range(1, 1001)) * 5 and out.endswith('over\n'), len(numbers(out)), out[-300:])
# A follower that sleeps while the file it reads is rotated, compressed and removed: it knows where it was, and how much is gone.
for files in 100, 3:
    now = time.time_ns()        # what is launched may speak before that is told
    since = time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(now // 10**9)) + f'.{now % 10**9:09}Z'
    running = start('trap "seq 1 5000; echo over" USR1; echo begun; while :; do sleep 0.1; done', options=['--name', name],
                    policy={'log': {**policy['log'], 'max_files': files}})
    follower = ground.subprocess.Popen([casemate('version').argv[0], 'logs', '-f', '--since', since, name],
                                       stdout=ground.subprocess.PIPE, stderr=ground.subprocess.PIPE)
    expect(any(b'begun' in line for line in iter(follower.stdout.readline, b'')), 'the follower ended')
    reader = int(Path(f'/proc/{follower.pid}/task/{follower.pid}/children').read_text() or follower.pid)
    os.kill(reader, signal.SIGSTOP)
    expect(casemate('kill', '--signal', 'USR1', name).code == 0, 'it cannot be told to begin')
    expect(any(logs('-n', '1').out.endswith('over\n') or time.sleep(0.1) for _ in range(300)), 'it was told and says nothing')
    deadline = time.monotonic() + 3     # where nobody else wants the CPU; else the files are followed as they are
    while time.monotonic() < deadline and (log / f'{name}.log.2').exists():
        time.sleep(0.05)
    os.kill(reader, signal.SIGCONT)
    running.signal(signal.SIGTERM)
    out, err = (text.decode() for text in follower.communicate(timeout=60))
    running.wait()
    got = numbers(out)
    missing = sum(int(line.split()[2]) for line in err.splitlines() if 'lines are missing here' in line)
    expect(got == sorted(set(got)) and got[-1] == 5000 and out.endswith('over\n'), len(got), out[-300:])
    expect(missing == 5000 - len(got) and (missing > 0) == (files < 100), files, missing, len(got), err)
# What is wrong in a file is told, and the rest read; of a name that nobody has there is no log.
with open(log / f'{name}.log', 'a') as file:
    file.write('{"log":1}\nnonsense\n')
wrong = logs('-n', '5000')
expect(wrong.code == 0 and '2 lines' in wrong.err and wrong.out.endswith('over\n'), wrong.err)
link.unlink()
