# The container's clocks can be set apart from the host's.
# weak: {"time": {"boottime": 1000000000}}
# denied: exit 1
[ "$(cut -d. -f1 /proc/uptime)" -gt 900000000 ]
