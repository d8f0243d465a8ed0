# Whoever of the group runs out of memory, all go, so that nothing half-dead stays.
# needs: limits.memory
result = run('sleep 600 & probe memory 200 & wait', policy={'limits': {'memory': '64M'}})
expect(result.code == 137, result)
