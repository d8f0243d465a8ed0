# Memory has a limit; who goes beyond it is killed, and nobody else.
# policy: {"limits": {"memory": "64M"}}
# without: limits.memory
# denied: exit 137
probe memory 200
