# Nothing in an image is read but the program: no policy, no profile, no preload (CVE-2026-40226, CVE-2025-23266, CVE-2025-24965).
sh('''cp -a "$ROOTFS" rootfs; mkdir outside; cd rootfs
for f in policy.json casemate.json .casemate.json config.json etc/casemate.json etc/ld.so.preload; do
    echo '{"capabilities": ["SYS_ADMIN"], "landlock": false, "user": {"uid": 0, "gid": 0}}' > $f
done
ln -s "$WORK/outside/file" .cfg''')
before = ground.tree(WORK / 'rootfs')
result = run('grep -E "^(CapEff|NoNewPrivs|Uid)" /proc/self/status', policy={'rootfs': f'{WORK}/rootfs'})
expect(re.search(r'CapEff:\t0{16}', result.out) and 'Uid:\t10001\t10001' in result.out, result)
expect(ground.tree(WORK / 'rootfs') == before and not os.listdir(WORK / 'outside'), 'nothing is written to an image')
