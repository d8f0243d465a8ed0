# What comes after "--" is added to the policy's arguments.
result = run(args=['b c', '$d'], policy={'args': ['/bin/echo', 'a']})
expect(result.out == 'a b c $d\n', result)
result = run(args=[], policy={'args': []})
expect(result.code == 125, 'nothing to run', result)
result = run('hostname; id -u', options=['--set', 'hostname=laid-over'])
expect('laid-over' in result.out, result)
