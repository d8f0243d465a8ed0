# /proc/sys is read-only, also for who has the capability to write there.
# waive: landlock apparmor
# policy: {"capabilities": ["NET_ADMIN"]}
# without: masks
# denied: open: EROFS
probe open /proc/sys/net/ipv4/ip_forward
