# No new mount API: it could undo what is read-only.
# waive: apparmor
# without: seccomp
# denied: mount_setattr: EPERM\nopen_tree: EPERM
probe call mount_setattr open_tree
