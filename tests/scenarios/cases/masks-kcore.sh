# The kernel's memory is not even there to be asked for.
# needs: /proc/kcore
# without: masks
# denied: exit 1
[ "$(stat -c %s /proc/kcore)" -gt 4096 ]
