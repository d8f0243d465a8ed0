# AF_ALG through the 32-bit entry (CVE-2026-31431).
# waive: apparmor
# without: seccomp
# denied: exit 159
exec probe int80 af_alg
