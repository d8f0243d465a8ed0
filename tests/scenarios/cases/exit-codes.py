# The workload's exit code is the launcher's; 125 is its own, 126 and 127 are docker's, a signal is 128 and its number.
for code in 0, 1, 2, 42, 124, 125, 255:
    result = run(f'exit {code}')
    expect(result.code == code and result.event('exited')['code'] == code, result)
for args, code in ((['/bin/no-such'], 127), (['no-such'], 127), (['/etc/hosts'], 126), (['/bin'], 126), (['/'], 126)):
    result = run(args=args)
    expect(result.code == code and 'casemate' in result.err, result)
for name in 'KILL', 'TERM', 'SEGV', 'USR1':
    result = run(f'kill -{name} $$; sleep 5')
    expect(result.code == 128 + signal.Signals['SIG' + name] and result.event('exited')['signal'], result)
for options in ['--no-such-option'], ['--set', 'nonsense'], ['--set', 'no_such=1'], ['--without', 'no_such'], ['--status-fd', '77'], ['--name']:
    result = run(options=options)
    expect(result.code == 125 and result.err and not result.begun, result)
result = run(policy=Path('/no/such/policy.json'))
expect(result.code == 125 and '/no/such/policy.json' in result.err, result)
