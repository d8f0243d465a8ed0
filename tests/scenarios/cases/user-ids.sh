# The workload is the policy's uid, not whoever started casemate.
# needs: root
# waive: namespaces.user
# without: user
# denied: uid 10001 10001
probe uid
