# No nested user namespace by clone's flags.
# waive: namespaces.user devices
# without: seccomp
# denied: clone: EPERM
probe clone user
