# Open files have a limit.
# policy: {"limits": {"rlimits": {"nofile": 32}}}
# weak: {"limits": {"rlimits": {"nofile": 256}}}
# denied: open: EMFILE
probe files 64
