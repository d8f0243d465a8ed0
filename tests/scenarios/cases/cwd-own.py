# The working directory is the policy's, entered as the workload's user.
result = run('pwd', policy={'cwd': '/data'})
expect(result.code == 0 and result.out.endswith('/data\n'), result)
sh('cp -a "$ROOTFS" rootfs; mkdir -m 0 rootfs/closed; : > rootfs/file')
for path in '/closed', '/file', '/absent':
    result = run('pwd', policy={'cwd': path, 'rootfs': f'{WORK}/rootfs'})
    expect(result.code == 125 and '/cwd' in result.err, path, result)
