# AppArmor alone, filter aside: no process of the container traces another.
# waive: seccomp
# without: apparmor
# denied: attach: E(ACCES|PERM)
sleep 600 &
probe attach $!
