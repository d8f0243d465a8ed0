# A directory that the caller left open is no way out (CVE-2024-21626).
# holds: /WORK/outside
# without: fds
# denied: No such file|Permission denied
#$ mkdir outside
#$ echo secret > outside/secret
cat /proc/self/fd/*/secret
