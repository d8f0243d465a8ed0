# Whatever an image has in its /dev, /dev/null is the kernel's and masks hide what they should (CVE-2025-31133, CVE-2026-88264,
# CVE-2026-88265, CVE-2025-52565).
sh('''cp -a "$ROOTFS" rootfs; cd rootfs/dev; ln -s /proc/sys/kernel/core_pattern null; ln -s /proc/kcore console
ln -s /proc/sys pts; echo fake > zero; ln -s /tmp shm''')
result = run('''stat -c '%t:%T %F' /dev/null; [ -c /dev/null ]; echo x > /dev/null
[ "$(stat -c %t:%T /dev/zero)" = 1:5 ]; [ ! -L /dev/pts ]
if head -n 1 /proc/kallsyms | grep .; then exit 9; fi''', policy={'rootfs': f'{WORK}/rootfs'})
expect(result.code == 0 and '1:3 character special file' in result.out, result)
