# The cgroup tree shows the workload its limits, and cannot be written to (CVE-2023-25809).
# without: casemate
# denied: /sys/fs/cgroup is ro
probe flag-missing /sys/fs/cgroup ro
