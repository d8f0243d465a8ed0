# The keys of others are not to be seen.
# without: masks
# denied: exit 1
cat /proc/key-users | grep .
