# AppArmor alone, filter aside: a packet socket stays shut even where the policy has the capability for it.
# policy: {"capabilities": ["NET_RAW"]}
# waive: seccomp
# without: apparmor
# denied: af_packet: EACCES
probe call af_packet
