# A bind mount is read-only down to the mounts below it.
# needs: root
# waive: landlock
# policy: {"mounts": [{"type": "bind", "source": "/WORK/volume", "target": "/data"}]}
# weak: {"mounts": [{"type": "bind", "source": "/WORK/volume", "target": "/data", "read_only": false}]}
# denied: Read-only
#$ mkdir -p volume/below
#$ mount -t tmpfs -o mode=1777 below volume/below
: > /data/below/file
