# hosts, hostname, resolv.conf, passwd and group are given, not the image's.
result = run('cd /etc; cat hosts hostname resolv.conf passwd group; id -un',
             policy={'passwd': True, 'hostname': 'given', 'hosts': {'db': '192.0.2.1'}, 'dns': ['192.0.2.53']})
expect(result.code == 0, result)
expect('203.0.113.66' not in result.out and 'image' not in result.out and '4294967296' not in result.out, result)
for line in '127.0.0.1 localhost', '192.0.2.1 db', 'given', 'nameserver 192.0.2.53':
    expect(line in result.out.splitlines(), line, result)
expect(':10001:10001:' in result.out, result)
