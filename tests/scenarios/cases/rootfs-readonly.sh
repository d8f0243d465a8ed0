# The root is read-only.
# waive: landlock
# without: rootfs
# policy: {"rootfs": "/WORK/rootfs"}
# denied: Read-only
#$ cp -a "$ROOTFS" rootfs
: > /data/file
