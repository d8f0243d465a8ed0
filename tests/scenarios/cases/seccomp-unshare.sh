# No new namespaces, and into none that exists.
# without: seccomp
# denied: unshare: EPERM\nsetns: EPERM
probe call unshare setns
