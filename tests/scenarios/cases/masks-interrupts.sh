# What the kernel tells of itself and of others in /proc is empty.
# needs: /proc/interrupts
# without: masks
# denied: exit 1
cat /proc/interrupts | grep .
