# The stack has a limit.
# policy: {"limits": {"rlimits": {"stack": "1M"}}}
# weak: {"limits": {"rlimits": {"stack": "8M"}}}
# denied: exit 139
probe stack 4096
