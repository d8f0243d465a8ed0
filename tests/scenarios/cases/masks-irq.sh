# /proc/irq is read-only.
# without: masks
# denied: is ro
probe flag-missing /proc/irq ro
