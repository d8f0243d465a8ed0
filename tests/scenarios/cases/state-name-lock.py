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
