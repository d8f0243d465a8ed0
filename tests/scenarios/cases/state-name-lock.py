# A name is used once at a time.
first = start('sleep 60', options=['--name', 'scenario'])
first.event('launched')
second = run('true', options=['--name', 'scenario'])
expect(second.code == 125 and 'scenario' in second.err and not second.begun, second)
other = run('true', options=['--name', 'scenario-2'])
expect(other.code == 0, other)
first.signal(signal.SIGTERM)
first.wait()
again = run('true', options=['--name', 'scenario'])
expect(again.code == 0, again)
for bad in '..', '.', 'a/b', '', 'x' * 300, '-x', 'a\nb':
    result = run('true', options=[f'--name={bad}'])
    expect(result.code == 125 and not result.begun, repr(bad), result)
# The name of one that has ended is taken over with nothing of it: who waited for that one still learns how it ended.
kept = run('exit 3', options=['--name', 'scenario', '--keep'])
expect(kept.code == 3, kept)
directory = host.state / 'scenario'
old = open(directory / 'lock')
inode = os.fstat(old.fileno()).st_ino
again = start('sleep 60', options=['--name', 'scenario'])
again.event('launched')
expect(os.stat(directory / 'lock').st_ino != inode, 'the lock is another')
expect(json.loads(old.read())['code'] == 3, 'the exit record is lost')
again.signal(signal.SIGTERM)
again.wait()
# What is not casemate's is not removed, and the message does not speak of a container.
directory.mkdir(mode=0o700)
(directory / 'notes').touch()
refused = run('true', options=['--name', 'scenario'])
expect(refused.code == 125 and 'not casemate' in refused.err, refused)
(directory / 'notes').unlink()
expect(run('true', options=['--name', 'scenario']).code == 0, 'once it is empty')
