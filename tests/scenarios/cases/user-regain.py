# The uid of root cannot be taken back, not even with CAP_SETUID: it does not exist inside. Where it does exist, the launcher
# tries, sees that it can, and refuses.
# needs: root
policy = {'capabilities': ['SETUID', 'SETGID']}
result = run('probe setuid 0; probe setgid 0', policy=policy)
expect('setuid: EINVAL' in result.out, result)
result = run('probe setuid 0', policy=policy, without=['namespaces.user'])
expect(result.code == 125 and not result.begun, result)
