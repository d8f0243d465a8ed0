# What a workload wrote to /tmp it cannot run.
# weak: {"mounts": [{"type": "tmpfs", "target": "/tmp", "exec": true}]}
# denied: Permission denied
cp /bin/probe /tmp/probe
/tmp/probe true
