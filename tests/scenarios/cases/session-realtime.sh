# A caller's real-time priority ends with the launch: limits.cpus does not throttle real-time processes.
# needs: root
# wrapper: chrt -f 10
# without: session
# denied: policy 0
echo "policy $(cut -d' ' -f41 /proc/self/stat)"
[ "$(cut -d' ' -f41 /proc/self/stat)" = 1 ]
