# The address space has a limit.
# policy: {"limits": {"rlimits": {"as": "64M"}}}
# weak: {"limits": {"rlimits": {"as": "512M"}}}
# needs: unsanitized
# denied: mmap: ENOMEM
probe memory 100
