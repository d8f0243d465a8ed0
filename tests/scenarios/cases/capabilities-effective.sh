# No capability, not even in the container's own namespaces.
# waive: seccomp apparmor
# without: capabilities
# denied: not permitted
hostname evil
