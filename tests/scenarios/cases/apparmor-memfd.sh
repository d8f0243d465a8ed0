# AppArmor alone, filter and Landlock aside: a program that is in no file system is not executed.
# waive: seccomp
# without: apparmor
# denied: execveat: EACCES
probe memfd-exec
