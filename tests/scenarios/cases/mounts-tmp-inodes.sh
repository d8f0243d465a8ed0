# A tmpfs holds as many files as its policy says.
# policy: {"mounts": [{"type": "tmpfs", "target": "/tmp", "inodes": 16}]}
# weak: {"mounts": [{"type": "tmpfs", "target": "/tmp", "inodes": 64}]}
# denied: No space
for i in $(seq 32); do : > "/tmp/$i"; done
