# No new mount API, no files by handle (CVE-2014-9357, "shocker").
# waive: apparmor
# without: seccomp
# denied: mount_setattr: EPERM\nopen_tree: EPERM\nopen_by_handle_at: EPERM
probe call mount_setattr open_tree open_by_handle_at
