# Processes of the uid have a limit.
# policy: {"limits": {"rlimits": {"nproc": 8}}}
# weak: {"limits": {"rlimits": {"nproc": 64}}}
# denied: fork: EAGAIN
probe processes 16
