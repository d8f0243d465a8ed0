# An allowed capability works for a uid that is not root: it is ambient; a capability not allowed does not.
# weak: {"capabilities": ["NET_BIND_SERVICE"]}
# denied: bind: EACCES
probe bind 80
