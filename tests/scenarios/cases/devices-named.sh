# A device is there when the policy names it, and only then.
# needs: root
# waive: devices
# weak: {"devices": [{"path": "/dev/kmsg"}]}
# denied: exit 1
[ -c /dev/kmsg ]
