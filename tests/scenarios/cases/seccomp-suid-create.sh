# No file is made with a setuid or setgid bit; openat2 hides its mode behind a pointer.
# without: seccomp
# denied: creat_suid: EPERM\nmkdir_sgid: EPERM\nopenat_suid: EPERM\nopenat2_suid: E(PERM|NOSYS)\nmknodat_suid: EPERM
probe call creat_suid mkdir_sgid openat_suid openat2_suid mknodat_suid
