# Every casemate command of docs/operations.md, run on a container as the page has it; and it has all that a container has.
import shlex
page = (Path(ground.HERE).parents[1] / 'docs/operations.md').read_text()
name, password = f'web-{os.getpid()}', WORK / 'db-password'
os.environ['XDG_STATE_HOME'] = str(WORK / 'state')
log = (Path('/var/log/casemate') if host.root else WORK / 'state/casemate') / name
advice = json.loads('{%s}' % re.search(r'`("log": \{.*?\})`', page)[1])
password.write_text('swordfish')
password.chmod(0o400)
file = policy({'name': name, 'args': ['/bin/sh', '-c', 'trap "echo told" HUP; trap "exit 0" TERM; echo up; while :; do sleep 0.05; done'],
               **advice, 'secrets': [{'name': 'db-password', 'file': str(password)}]})
without = ['--without', ','.join(GAPS)] if GAPS else []
started = casemate('run', *without, '-d', file)
expect(started.code == 0, started)
replace = {'web': name, '/etc/casemate/web.json': str(file), '/etc/app/db-password': str(password)}
commands = [shlex.split(line, comments=True)[1:] for block in re.findall(r'```sh\n(.*?)```', page, re.S) for line in block.splitlines()
            if line.startswith('casemate ')]
expect(len(commands) >= 12, 'the page has lost its examples', commands)
# Whoever waits does so until the end, and the stop is the end.
commands.sort(key=lambda words: (words[0] == 'stop') + 2 * (words[0] == 'wait'))
for words in commands:
    words = [replace.get(word, word) for word in words]
    if words[0] in ('stats', 'update', 'pause', 'resume') and any(gap.startswith('limits.') for gap in GAPS):
        continue    # they act on the cgroup, which a host without its controllers does not give
    if words[0] == 'denials' and not host.root:
        continue    # the kernel's log is for root, and for those who may read the journal
    done = casemate(*words)
    expect(done.code == 0, words, done)
expect(casemate('rm', name).code == 0, 'rm')
said = ''.join(json.loads(line)['log'] for line in (log / f'{name}.log').read_text().splitlines())
expect('up' in said and 'told' in said, said)
expect(log.stat().st_uid != 0, 'the log driver was root')
sh(f'rm -rf {log}')     # it stays for whoever asks later
