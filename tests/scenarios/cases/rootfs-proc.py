# An image whose /proc is no directory does not get its own idea of /proc (CVE-2019-16884, CVE-2019-19921, CVE-2023-27561,
# CVE-2023-28642); one with files in it gets the real one over them.
sh('cp -a "$ROOTFS" rootfs; rmdir rootfs/proc')
proc = WORK / 'rootfs/proc'
for to in '/sys', '/tmp', f'{WORK}', '../../../../../../../../proc', 'self':
    proc.symlink_to(to)
    result = run(policy={'rootfs': f'{WORK}/rootfs'})
    expect(result.code == 125 and '/proc' in result.err, to, result)
    proc.unlink()
proc.write_text('x')
result = run(policy={'rootfs': f'{WORK}/rootfs'})
expect(result.code == 125 and '/proc' in result.err, 'a file', result)
proc.unlink()
(proc / 'self/attr').mkdir(parents=True)
(proc / 'self/attr/current').write_text('fake')
(proc / 'self/attr/exec').write_text('fake')
result = run('stat -f -c %T /proc; cat /proc/self/attr/current 2>&1 || true; [ -e /proc/self/status ]', policy={'rootfs': f'{WORK}/rootfs'})
expect(result.code == 0 and 'fake' not in result.out and 'proc' in result.out, result)
