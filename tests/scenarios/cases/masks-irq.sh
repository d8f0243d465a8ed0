# /proc/irq is read-only.
# needs: /proc/irq
# without: masks
# denied: is ro
probe flag-missing /proc/irq ro
