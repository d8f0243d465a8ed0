# The firmware's tables are not to be seen.
# needs: /sys/firmware
# without: masks
# denied: exit 1
ls /sys/firmware | grep .
