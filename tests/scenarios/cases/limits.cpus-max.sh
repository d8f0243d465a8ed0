# A busy loop gets the CPU time of its policy.
# policy: {"limits": {"cpus": 0.2}}
# without: limits.cpus
# denied: ms of work took
probe fast 500
