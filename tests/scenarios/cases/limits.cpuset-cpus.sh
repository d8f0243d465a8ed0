# The workload stays on its CPUs.
# policy: {"limits": {"cpuset": "0"}}
# without: limits.cpuset
# needs: limits.cpuset cpus-2
# denied: cpus: 1
probe cpus 2
