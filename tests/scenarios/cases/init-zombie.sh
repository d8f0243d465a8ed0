# PID 1 buries orphans.
# weak: {"init": false}
# denied: orphan: gone
exec probe zombie
