# The log of a container in files: each line with its source, pieces of a long one, bytes that are no text, a driver with no powers.
log = WORK / 'log'
log.mkdir(mode=0o700)
policy = {'log': {'driver': 'json-file', 'path': str(log)}}
os.environ['XDG_STATE_HOME'] = str(WORK / 'state')
link = Path('/var/log/casemate/web') if os.getuid() == 0 else WORK / 'state/casemate/web'
def lines(name):
    return [json.loads(line) for line in (log / f'{name}.log').read_text().splitlines()]
act = 'echo out; echo err >&2; printf "\\377\\000\\033[31m\\n"; head -c 40000 /dev/zero | tr "\\000" x; echo; printf tail'
result = run(act, policy=policy, options=['--name', 'web'])
expect(result.code == 0 and 'out' not in result.out and 'err\n' not in result.err, result)
told = lines('web')
out = [line for line in told if line['stream'] == 'stdout' and 'the act begins' not in line['log']]
expect([l['log'] for l in told if l['stream'] == 'stderr' and 'err' in l['log']] == ['err\n'], told)
expect([len(l['log']) for l in out] == [4, 8, 16384, 16384, 40000 - 32768 + 1, 4], [len(l['log']) for l in out])
expect(out[1]['bytes'] == '/wAbWzMxbQ==', out[1])
expect(''.join(l['log'] for l in out[2:5]) == 'x' * 40000 + '\n' and out[5]['log'] == 'tail', 'a long line is not what it was')
launched, exited = result.events
for n, line in enumerate(told):
    expect(line['attrs'] == {'name': 'web', 'id': launched['id'], 'policy': launched['policy']['sha256'], 'seq': str(n + 1)}, line)
expect(exited['id'] == launched['id'] and exited['log']['complete'] and exited['log']['lines'] == len(told), exited)
# It has nothing but its directory: asked from outside, while it runs.
running = start('echo here; sleep 60', policy=policy, options=['--name', 'web'])
pid = running.event('launched')['log']['pid']
status = dict(line.split(':\t', 1) for line in Path(f'/proc/{pid}/status').read_text().splitlines() if ':\t' in line)
expect({int(status[f'Cap{s}'], 16) for s in ('Inh', 'Prm', 'Eff', 'Amb')} == {0}, status)
expect(status['NoNewPrivs'] == '1' and status['Seccomp'] == '2' and status['Groups'].strip() in ('', '1000'), status)
# Its death: the workload is stopped, which is no success however it ends, and the record says that something is missing.
os.kill(pid, signal.SIGKILL)
result = running.wait()
exited = result.events[-1]
expect((result.code, exited['code'], exited['signal'], exited['failed']) == (124, 124, 'SIGTERM', True), exited)
expect(exited['log']['died'] and not exited['log']['complete'], exited)
# Or it goes on, and what it says is counted; nobody is killed by SIGPIPE.
running = start('sleep 2; echo lost; exit 5', policy={'log': {**policy['log'], 'failure': 'drop'}}, options=['--name', 'web'])
os.kill(running.event('launched')['log']['pid'], signal.SIGKILL)
result = running.wait()
exited = result.events[-1]
expect(result.code == 5 and exited['log']['died'] and 1 <= exited['log']['dropped_lines'] <= 2, exited)
# By its name the log is found also when the container has ended: the usual place has a link to where it is.
expect(os.readlink(link) == str(log), 'no way from the name to the log')
link.unlink()
