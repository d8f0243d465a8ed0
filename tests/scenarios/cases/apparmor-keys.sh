# AppArmor alone, masks aside: a file whose mode lets everybody read it is not to be read.
# needs: /proc/keys
# waive: masks
# without: apparmor
# denied: Permission denied
cat /proc/keys
