# Locked memory has a limit.
# policy: {"limits": {"rlimits": {"memlock": "64K"}}}
# weak: {"limits": {"rlimits": {"memlock": "2M"}}}
# denied: mlock: E(NOMEM|AGAIN|PERM)
probe lock 1024
