# The caller's supplementary groups do not stay.
# needs: root
wrapper = ['setpriv', '--groups', '4,27', '--']
expect('4 27' in sh('setpriv --groups 4,27 grep Groups /proc/self/status'), 'whoever starts it has them')
result = run('grep Groups /proc/self/status', wrapper=wrapper)
expect(re.search(r'Groups:\s*$', result.out, re.M), result)
result = run('grep Groups /proc/self/status', wrapper=wrapper, policy={'user': {'groups': [20005, 20006]}})
expect(re.search(r'Groups:\s*20005 20006\s*$', result.out, re.M), result)
