# CPU time has an end. (The kernel counts it by ticks, and under emulation misses some.)
# policy: {"limits": {"rlimits": {"cpu": 1}}}
# weak: {"limits": {"rlimits": {"cpu": 60}}}
# denied: exit (137|152)
exec probe cpu 4
