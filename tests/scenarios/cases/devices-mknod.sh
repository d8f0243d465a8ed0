# A device that the policy does not name cannot be made or opened, whatever CAP_MKNOD and the mount allow.
# needs: root limits.pids
# waive: namespaces.user seccomp landlock apparmor
# policy: {"capabilities": ["MKNOD"], "mounts": [{"type": "tmpfs", "target": "/tmp", "dev": true}]}
# without: devices
# denied: (mknod|open): EPERM
probe mknod /tmp/kmsg 1 11
probe open /tmp/kmsg
