# On request /proc holds processes only.
# policy: {"proc": "pid"}
# weak: {"proc": "masked"}
# denied: No such file
cat /proc/uptime
