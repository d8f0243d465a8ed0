# The user namespace is the container's own.
# needs: root
# waive: devices
# without: namespaces.user
# denied: exit 1
[ "$(readlink /proc/self/ns/user)" = "$HOST_NS_user" ]
