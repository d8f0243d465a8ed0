# CPU time has an end.
# policy: {"limits": {"rlimits": {"cpu": 1}}}
# weak: {"limits": {"rlimits": {"cpu": 10}}}
# denied: exit (137|152)
exec probe cpu 2
