# No nested user namespace by unshare, also where the kernel's own limit does not stop it.
# waive: namespaces.user devices
# without: seccomp
# denied: unshare_newuser: EPERM
probe call unshare_newuser
