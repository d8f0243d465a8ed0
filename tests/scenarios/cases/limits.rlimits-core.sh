# No core files: they hold secrets.
# weak: {"limits": {"rlimits": {"core": "1M"}}}
# denied: 0 0
probe rlimit 4
[ "$(ulimit -c)" != 0 ]
