# The time namespace is the container's own.
# without: namespaces.time
# denied: exit 1
[ "$(readlink /proc/self/ns/time)" = "$HOST_NS_time" ]
