# No capability could come back with a file that has it.
# weak: {"capabilities": ["NET_BIND_SERVICE"]}
# denied: bounding: 0
probe bounding
