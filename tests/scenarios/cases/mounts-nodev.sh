# A device node on a volume is not a device.
# needs: root
# waive: landlock devices
# policy: {"mounts": [{"type": "bind", "source": "/WORK/volume", "target": "/data"}]}
# weak: {"mounts": [{"type": "bind", "source": "/WORK/volume", "target": "/data", "dev": true}]}
# denied: open: EACCES
#$ mkdir volume
#$ mknod -m 666 volume/zero c 1 5
probe open /data/zero
