# AppArmor alone, masks aside: the kernel's symbols are not to be read.
# needs: /proc/kallsyms
# waive: masks
# without: apparmor
# denied: Permission denied
head -n 1 /proc/kallsyms
