# A bind mount is read-only unless its policy says otherwise.
# waive: landlock
# policy: {"mounts": [{"type": "bind", "source": "/WORK/volume", "target": "/data"}]}
# weak: {"mounts": [{"type": "bind", "source": "/WORK/volume", "target": "/data", "read_only": false}]}
# denied: Read-only
#$ mkdir -m 777 volume
: > /data/file
