# The caller's terminal is not the workload's.
# terminal: yes
# without: session
# denied: /dev/tty: ENXIO
probe tty
