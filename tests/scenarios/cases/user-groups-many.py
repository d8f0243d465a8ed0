# As many groups as may be are all there; one more is an error, not a number cut short (CVE-2021-43784 was a length that wrapped).
# needs: root
many = [20000 + i for i in range(64)]
result = run('grep Groups /proc/self/status', policy={'user': {'groups': many}})
expect(' '.join(map(str, many)) in result.out, result)
result = run(policy={'user': {'groups': [*many, 30000]}})
expect(result.code == 125 and '/user/groups' in result.err, result)
