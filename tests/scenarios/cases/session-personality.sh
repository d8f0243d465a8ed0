# The caller's personality ends with the launch: nobody switches the workload's address space randomisation off.
# waive: apparmor
# wrapper: setarch -R
# without: session
# denied: 00000000
cat /proc/self/personality
grep -q 00040000 /proc/self/personality
