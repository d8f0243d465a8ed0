# A mount point that is a link, or behind one, leads nowhere (CVE-2015-1335 in LXC, and nsjail).
sh('cp -a "$ROOTFS" rootfs; mkdir -p outside/deep volume; echo here > outside/file; mkdir -m 755 rootfs/etc/real')
before = ground.tree(WORK / 'outside')
links = {
    '/to-host': f'{WORK}/outside', '/up': '../' * 20 + f'{WORK}/outside'.lstrip('/'), '/magic': '/proc/self/root',
    '/magic-cwd': '/proc/self/cwd', '/magic-fd': '/proc/self/fd/3', '/inside': '/data', '/dangling': '/no/such',
}
for link, to in links.items():
    (WORK / f'rootfs{link}').symlink_to(to)
kinds = {'type': 'tmpfs'}, {'type': 'bind', 'source': f'{WORK}/volume', 'read_only': False}
for n, link in enumerate(links):
    for deeper, target in enumerate((link, link + '/deep')):
        result = run(policy={'rootfs': f'{WORK}/rootfs', 'mounts': [{**kinds[(n + deeper) % 2], 'target': target}]})
        expect(result.code == 125 and '/mounts' in result.err, target, result)
expect(ground.tree(WORK / 'outside') == before, 'nothing changed outside')
