# The record says who ran out of memory, and of whose.
# needs: limits.memory
result = run('probe memory 200', policy={'limits': {'memory': '64M'}})
exited = result.event('exited')
expect(result.code == 137 and exited['oom'], exited)
expect(any('memory' in key and isinstance(value, int) and 32 << 20 < value <= 65 << 20 for key, value in exited.items()), exited)
result = run('true')
expect(not result.event('exited')['oom'] or result.event('exited')['oom'] == 'none', result.events)
