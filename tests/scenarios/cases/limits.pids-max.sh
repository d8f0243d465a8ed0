# A fork bomb ends at the limit.
# policy: {"limits": {"pids": 16}}
# without: limits.pids
# denied: fork: EAGAIN
probe processes 40
