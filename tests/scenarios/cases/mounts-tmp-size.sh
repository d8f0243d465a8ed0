# /tmp holds 64 MiB.
# weak: {"mounts": [{"type": "tmpfs", "target": "/tmp", "size": "80M"}]}
# denied: No space
dd if=/dev/zero of=/tmp/file bs=1M count=65
