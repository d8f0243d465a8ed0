# No io_uring: what it does for a process, no filter sees.
# without: seccomp
# denied: io_uring_setup: E(PERM|NOSYS)
probe call io_uring_setup
