# The kernel's symbols are not to be seen.
# needs: /proc/kallsyms
# without: masks
# denied: exit 1
head -n 1 /proc/kallsyms | grep .
