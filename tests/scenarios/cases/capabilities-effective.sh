# No capability, not even in the container's own namespaces.
# waive: seccomp
# without: capabilities
# denied: not permitted
hostname evil
