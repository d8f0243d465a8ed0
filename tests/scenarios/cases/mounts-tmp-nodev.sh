# /tmp is nodev.
# weak: {"mounts": [{"type": "tmpfs", "target": "/tmp", "dev": true}]}
# denied: /tmp is nodev
probe flag-missing /tmp nodev
