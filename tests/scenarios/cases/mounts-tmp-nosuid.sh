# /tmp is nosuid.
# weak: {"mounts": [{"type": "tmpfs", "target": "/tmp", "suid": true}]}
# denied: /tmp is nosuid
probe flag-missing /tmp nosuid
