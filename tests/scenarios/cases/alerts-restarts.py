# A name that is launched again and again: told when it was so often within ten minutes, and only where it was asked for.
manager = ground.socket.socket(ground.socket.AF_UNIX, ground.socket.SOCK_DGRAM)
manager.bind(str(WORK / 'notify'))
manager.settimeout(0.1)
def told(name, **policy):
    result = run('exit 1', policy=policy, options=['--name', name], env={'NOTIFY_SOCKET': str(WORK / 'notify')})
    expect(result.begun and result.code == 1, result)
    status = ''
    try:
        while True:
            status += manager.recv(4096).decode()
    except TimeoutError:
        return f'STATUS=container {name}: launched again 3 times within 10 minutes' in status
asked = {'alerts': {'restarts': 3}}
try:
    seen = [told('loops', **asked) for _ in range(8)]
    expect(seen == [False, False, False, True, False, False, True, False], seen)
    expect(not any(told('plain') for _ in range(5)), 'nobody asked')
    expect(not (host.state / '.restarts-plain').exists(), 'a count that nobody asked for')
    expect(not told('other', **asked), 'counted for another name')
    # The policy's own name is one as well; without any it would be counted under another each time.
    result = run('true', policy={'name': 'named', **asked})
    expect(result.begun and result.code == 0 and (host.state / '.restarts-named').exists(), result)
    result = run('true', policy=asked)
    expect(not result.begun and result.code == 125 and '/alerts/restarts' in result.err and '--name' in result.err, result)
    # `rm` forgets it.
    run('exit 1', policy=asked, options=['--name', 'loops', '--keep'])
    expect(casemate('rm', 'loops').code == 0 and not (host.state / '.restarts-loops').exists(), 'rm')
finally:
    for name in 'loops', 'other', 'named':
        (host.state / f'.restarts-{name}').unlink(missing_ok=True)
