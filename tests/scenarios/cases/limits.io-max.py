# A writer gets the bandwidth of its policy: 4 MiB at 1 MiB per second.
# needs: root limits.io
disk = Path(sh('mktemp -d /var/tmp/scenario-io-XXXXXX').strip())
try:
    disk.chmod(0o777)
    policy = {'mounts': [{'type': 'bind', 'source': str(disk), 'target': '/data', 'read_only': False}]}
    def seconds(**limits):
        began = time.monotonic()
        result = run('dd if=/dev/zero of=/data/file bs=64K count=64 oflag=direct', policy={**policy, 'limits': limits})
        expect(result.code == 0, result)
        return time.monotonic() - began
    free = seconds()
    slow = seconds(io=[{'path': str(disk), 'wbps': '1M'}])
    note(f'{free:.1f} s, with the limit {slow:.1f} s')
    expect(slow > 2.5 and slow > 2 * free, slow, free)
finally:
    sh(f'rm -r {disk}')
