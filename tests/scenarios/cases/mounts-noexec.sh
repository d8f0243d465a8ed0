# What is on a volume cannot be run.
# policy: {"mounts": [{"type": "bind", "source": "/WORK/volume", "target": "/data"}]}
# weak: {"mounts": [{"type": "bind", "source": "/WORK/volume", "target": "/data", "exec": true}]}
# denied: Permission denied
#$ mkdir volume
#$ cp "$PROBE" volume/probe
/data/probe true
