# An image whose /dev is a link to the host changes nothing there (CVE-2019-18837, CVE-2026-41579, CVE-2026-47766).
sh('cp -a "$ROOTFS" rootfs; rmdir rootfs/dev; mkdir outside; echo keep > outside/null')
before = ground.tree(WORK / 'outside')
for to in f'{WORK}/outside', '../outside', '/tmp':
    (WORK / 'rootfs/dev').symlink_to(to)
    result = run(policy={'rootfs': f'{WORK}/rootfs'})
    expect(result.code == 125 and '/dev' in result.err, to, result)
    (WORK / 'rootfs/dev').unlink()
expect(ground.tree(WORK / 'outside') == before, 'nothing changed outside')
