# Queued signals have a limit.
# policy: {"limits": {"rlimits": {"sigpending": 4}}}
# weak: {"limits": {"rlimits": {"sigpending": 64}}}
# denied: sigqueue: EAGAIN
probe signals 16
