# The host's interfaces are not to be seen.
# weak: {"network": {"mode": "host"}, "sys": false}
# denied: exit 1
[ "$(readlink /proc/self/ns/net)" = "$HOST_NS_net" ]
