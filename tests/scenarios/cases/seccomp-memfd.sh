# Memory files cannot be executed, so there is no way around noexec mounts.
# waive: apparmor
# without: seccomp
# denied: execveat: E
probe memfd-exec
