# The log of a container in files: each line with its source, pieces of a long one, bytes that are no text, a driver with no powers.
log = ground.log_dir(WORK / 'log')
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
owner = log.stat().st_uid
expect(status['Uid'].split() == [str(owner)] * 4 and owner != 0, status)
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
# The next launch may have no directory of its own: the usual one takes the place of the link.
name = f'web-{os.getpid()}'
usual = link.with_name(name)
try:
    expect(run('echo there', policy=policy, options=['--name', name]).code == 0 and usual.is_symlink(), 'no way from the name to the log')
    result = run('echo here', policy={'log': {'driver': 'json-file'}}, options=['--name', name])
    expect(result.code == 0 and not usual.is_symlink() and usual.stat().st_uid != 0, result)
    told = casemate('logs', name).out
    expect('here' in told and 'there' not in told, told)
finally:
    sh(f'rm -rf {usual}')
# With a directory of root's the driver would have root's uid, and all that is root's beneath it.
if os.getuid() == 0:
    os.chown(log, 0, 0)
    result = run('echo here', policy=policy)
    expect(result.code == 125 and "is root's" in result.err, result)
