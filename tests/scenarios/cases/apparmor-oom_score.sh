# AppArmor alone, masks and Landlock aside: a workload's own file below /proc, which is its own to write, is not written.
# waive: masks landlock
# without: apparmor
# denied: Permission denied
echo 900 > /proc/self/oom_score_adj
