# All five sets are the allowlist: net_bind_service is bit 10, kill is bit 5.
result = run('grep Cap /proc/self/status', policy={'capabilities': ['NET_BIND_SERVICE', 'KILL']})
expect(len(re.findall(r'Cap...:\t0{13}420$', result.out, re.M)) == 5, result)
