# The host's name is not to be seen.
# without: namespaces.uts
# denied: exit 1
[ "$(hostname)" = "$HOST_NAME" ]
