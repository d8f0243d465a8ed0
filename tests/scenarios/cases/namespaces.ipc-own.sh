# The host's IPC namespace is not shared.
# without: namespaces.ipc
# denied: exit 1
[ "$(readlink /proc/self/ns/ipc)" = "$HOST_NS_ipc" ]
