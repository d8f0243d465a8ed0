# AppArmor alone: who has CAP_SYS_ADMIN in the container's namespaces mounts nothing all the same.
# policy: {"capabilities": ["SYS_ADMIN"]}
# waive: seccomp landlock
# without: apparmor
# denied: mount: .*(denied|permitted)
mount -t tmpfs more /tmp
