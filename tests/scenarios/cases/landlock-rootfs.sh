# Landlock keeps the root from being written to even when it is not mounted read-only.
# waive: rootfs
# without: landlock
# policy: {"rootfs": "/WORK/rootfs"}
# denied: Permission denied
#$ cp -a "$ROOTFS" rootfs
: > /data/file
