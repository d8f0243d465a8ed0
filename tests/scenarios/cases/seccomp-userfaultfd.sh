# No userfaultfd: it makes races in the kernel winnable.
# without: seccomp
# denied: userfaultfd: EPERM
probe call userfaultfd
