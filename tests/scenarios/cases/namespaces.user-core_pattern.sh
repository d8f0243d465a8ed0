# uid 0 of the host can write core_pattern whatever its capabilities, and so run programs on the host: it must not exist inside.
# needs: root
# waive: user masks landlock
# without: namespaces.user
# denied: open: EACCES
probe open /proc/sys/kernel/core_pattern
