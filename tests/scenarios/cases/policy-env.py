# LD_PRELOAD and the like are refused, and so is a secret in plain sight.
for name in 'LD_PRELOAD', 'LD_LIBRARY_PATH', 'LD_AUDIT', 'GCONV_PATH':
    result = run(policy={'env': {name: '/tmp/evil.so'}})
    expect(result.code == 125 and '/env' in result.err, result)
    result = run(policy={'env_pass': [name]}, env={name: ''})
    expect(result.code == 125 and '/env_pass' in result.err, result)
for name, value in ('DB_PASSWORD', 'hunter2'), ('API_TOKEN', 'hunter3'), ('KEY', 'AKIAIOSFODNN7EXAMPLE'):
    result = run(policy={'env': {name: value}})
    expect(result.code == 125 and '/env' in result.err and value not in result.err, result)
result = run('env', policy={'env': {'GREETING': 'hello world'}})
names = {line.split('=')[0] for line in result.out.splitlines() if '=' in line}
expect('GREETING=hello world' in result.out and names <= {'GREETING', 'PATH', 'HOME', 'PWD', 'SHLVL', '_'}, result)
