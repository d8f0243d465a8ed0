# Of a profile, calls that it could not know are ENOSYS (a C library then does without), older ones are what the policy says.
profile = {'defaultAction': 'SCMP_ACT_ERRNO', 'syscalls': [{'action': 'SCMP_ACT_ALLOW', 'names': '''
    access arch_prctl brk close dup2 dup3 execve execveat exit exit_group faccessat2 fcntl fork clone fstat futex getcwd getegid
    geteuid getgid getpid getppid getrandom gettid getuid ioctl lseek lstat mmap mprotect munmap newfstatat open openat
    pipe poll prctl prlimit64 read readlink rseq rt_sigaction rt_sigprocmask rt_sigreturn set_robust_list set_tid_address
    stat tgkill uname vfork wait4 write'''.split()}]}
SETPRIORITY, SET_MEMPOLICY_HOME_NODE = 141, 450     # faccessat2, the newest that is allowed, is 439
result = run(f'for call in "{SETPRIORITY} -1" "{SET_MEMPOLICY_HOME_NODE} 0 0 0 -1" 1000; do probe raw $call || true; done',
             policy={'seccomp': {'profile': profile}})
expect('raw: EPERM\nraw: ENOSYS\nraw: ENOSYS' in result.out, result)
result = run(f'probe raw {SET_MEMPOLICY_HOME_NODE} 0 0 0 -1', without=['seccomp'])
expect('raw: ENOSYS' not in result.out, 'without the control the call is there', result)
