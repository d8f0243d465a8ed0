# No file gets a setuid or setgid bit (CVE-2019-3843, CVE-2019-3844).
# without: seccomp
# denied: chmod_suid: EPERM\nfchmod_suid: EPERM\nfchmodat_suid: EPERM
probe call chmod_suid fchmod_suid fchmodat_suid
