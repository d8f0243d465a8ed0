# The host's cgroup tree is not to be seen.
# without: namespaces.cgroup
# denied: exit 1
[ "$(readlink /proc/self/ns/cgroup)" = "$HOST_NS_cgroup" ]
