# The 32-bit entry, whose numbers mean other calls, is closed.
# without: seccomp
# denied: exit 159
exec probe int80
