# POSIX message queues have a limit.
# policy: {"limits": {"rlimits": {"msgqueue": 4096}}}
# weak: {"limits": {"rlimits": {"msgqueue": 819200}}}
# denied: mq_open: EMFILE
probe mqueue
