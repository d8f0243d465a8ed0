# No AF_ALG, through which read-only files could be written (CVE-2026-31431, "Copy Fail").
# waive: apparmor
# without: seccomp
# denied: af_alg: EPERM
probe call af_alg
