# Landlock alone: a file in /proc that everybody may write by its mode.
# waive: apparmor
# without: landlock
# denied: open: EACCES
probe open /proc/self/timerslack_ns
