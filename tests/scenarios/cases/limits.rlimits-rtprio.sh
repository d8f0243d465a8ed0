# No real-time priority.
# needs: root sys_resource
# waive: seccomp apparmor
# policy: {"limits": {"rlimits": {"rtprio": 0}}}
# weak: {"limits": {"rlimits": {"rtprio": 10}}}
# denied: sched_setscheduler: EPERM
probe realtime 1
