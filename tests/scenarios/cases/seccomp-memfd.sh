# Memory files cannot be executed, so there is no way around noexec mounts.
# without: seccomp
# denied: execveat: E
probe memfd-exec
