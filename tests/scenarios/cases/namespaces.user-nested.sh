# No nested user namespace, also without the filter.
# waive: seccomp devices
# without: namespaces.user
# denied: unshare_newuser: ENOSPC
probe call unshare_newuser
