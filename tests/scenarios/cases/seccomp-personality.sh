# No READ_IMPLIES_EXEC.
# without: seccomp
# denied: personality: EPERM
probe call personality
