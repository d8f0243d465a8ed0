# No new mount API, no files by handle (CVE-2014-9357, "shocker").
# without: seccomp
# denied: fsopen: EPERM\nopen_tree: EPERM\nopen_by_handle_at: EPERM
probe call fsopen open_tree open_by_handle_at
