# The kernel's symbols are not to be seen.
# needs: /proc/kallsyms
# waive: apparmor
# without: masks
# denied: exit 1
head -n 1 /proc/kallsyms | grep .
