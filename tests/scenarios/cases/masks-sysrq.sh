# /proc/sysrq-trigger is read-only.
# without: masks
# denied: is ro
probe flag-missing /proc/sysrq-trigger ro
