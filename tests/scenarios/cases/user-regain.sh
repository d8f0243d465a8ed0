# The uid of root cannot be taken back, not even with CAP_SETUID: it does not exist inside.
# policy: {"capabilities": ["SETUID", "SETGID"]}
# needs: root
# without: namespaces.user
# denied: setuid: EINVAL
probe setuid 0
