# Whatever is mounted below an image's /proc, /sys and /dev is not what the container has there (CVE-2025-52881 redirected
# writes so): the launch gets past it or is refused.
# needs: root
sh('cp -a "$ROOTFS" rootfs')
for place, file in ('proc', 'self/attr/exec'), ('proc', 'fake'), ('sys', 'fake'), ('dev', 'null'):
    sh(f'cd rootfs/{place}; mount -t tmpfs fake .; cd ../{place}; mkdir -p {os.path.dirname(file) or "."}; echo fake > {file}')
    result = run(f'cat /{place}/{file}; true', policy={'rootfs': f'{WORK}/rootfs'})
    expect(result.code in (0, 125) and 'fake\n' not in result.out, place, result)
    expect(result.begun or f'/{place}' in result.err, result)
    sh(f'umount rootfs/{place}')
