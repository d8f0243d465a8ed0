# The host's mounts are not to be seen.
# without: casemate
# denied: exit 1
[ "$(readlink /proc/self/ns/mnt)" = "$HOST_NS_mnt" ]
