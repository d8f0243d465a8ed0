# A namespaced sysctl is set for the container when its policy says so, and only then.
# weak: {"sysctl": {"net.ipv4.ip_unprivileged_port_start": "80"}}
# denied: bind: EACCES
probe bind 80
