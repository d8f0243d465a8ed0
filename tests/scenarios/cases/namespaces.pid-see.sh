# The host's processes are not to be seen.
# without: casemate
# denied: exit 1
[ -d "/proc/$HOST_PID" ]
