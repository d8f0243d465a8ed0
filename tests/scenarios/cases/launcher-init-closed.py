# waive: apparmor
# PID 1, which is part of the launcher, cannot be looked into by the workload: neither traced, nor its descriptors, nor its root
# (CVE-2016-9962). The same looks at a process of its own are allowed, so it is not something else that denies them.
act = '''sleep 5 &
for what in fd root cwd exe environ mem; do
    ls /proc/$!/$what/ >/dev/null 2>&1 || readlink /proc/$!/$what >/dev/null || head -c 0 /proc/$!/$what
    if ls /proc/1/$what/ 2>/dev/null || readlink /proc/1/$what || head -c 1 /proc/1/$what 2>/dev/null; then echo "open: $what"; exit 9; fi
done
probe attach $!
if probe attach 1; then exit 8; fi
kill $!'''
result = run(act, without=['seccomp'])
expect(result.code == 0 and 'attach: ok\nattach: EPERM' in result.out, result)
