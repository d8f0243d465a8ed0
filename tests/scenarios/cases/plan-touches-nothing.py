# A plan names every operation in order and performs none: nothing is started, nothing is opened for writing.
result = casemate('plan', *(['--without', ','.join(GAPS)] if GAPS else []), policy({'args': ['/bin/true']}))
expect(result.code == 0, result)
order = [result.out.find(call) for call in ('clone3', 'pivot_root', 'capset', 'seccomp', 'execve')]
expect(order == sorted(order) and -1 not in order, order, result)
expect(not host.state.exists() or not list(host.state.iterdir()), 'no state')
