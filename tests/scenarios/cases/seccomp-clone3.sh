# clone3 hides its flags behind a pointer: it looks like a kernel without it, and C libraries use clone.
# without: seccomp
# denied: clone3: ENOSYS
probe call clone3
