# Other processes cannot be traced, read, written, compared or robbed of their descriptors.
# waive: apparmor
# without: seccomp
# denied: ptrace: EPERM\nprocess_vm_readv: EPERM\nprocess_vm_writev: EPERM\npidfd_getfd: EPERM\nprocess_madvise: EPERM\nkcmp: EPERM
probe call ptrace process_vm_readv process_vm_writev pidfd_getfd process_madvise kcmp
