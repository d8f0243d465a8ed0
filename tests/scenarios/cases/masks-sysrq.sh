# /proc/sysrq-trigger is read-only.
# needs: /proc/sysrq-trigger
# without: masks
# denied: is ro
probe flag-missing /proc/sysrq-trigger ro
