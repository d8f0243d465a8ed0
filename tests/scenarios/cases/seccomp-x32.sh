# The x32 entry is closed before the kernel says that it has none.
# without: seccomp
# denied: exit 159
exec probe x32
