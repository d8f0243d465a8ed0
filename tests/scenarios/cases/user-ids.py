# The workload is the policy's uid, not whoever started casemate; nothing else of its ids is root's.
# needs: root
expect('uid 0 0 gid 0 0' in sh('"$PROBE" uid || true'), 'whoever starts it is root')
result = run('probe uid')
expect(result.code == 1 and 'uid 10001 10001 gid 10001 10001' in result.out, result)
