# The root is read-only down to the mounts below it.
# needs: root
# waive: landlock
# without: rootfs
# policy: {"rootfs": "/WORK/rootfs"}
# denied: Read-only
#$ cp -a "$ROOTFS" rootfs
#$ mount -t tmpfs -o mode=1777 below rootfs/data
: > /data/file
