# A disk that is full: the workload waits and loses nothing, or goes on and every line that is missing is counted.
# needs: root
# slow: 3
disk = WORK / 'disk'
disk.mkdir()
sh(f'mount -t tmpfs -o size=256k,mode=700,uid=65534 full {disk}')
filler = disk / 'filler'
count = 30000
try:
    for full in 'block', 'drop':
        for path in disk.iterdir():
            path.unlink()
        filler.write_bytes(b'x' * (160 << 10))
        running = start(f'seq 1 {count}; echo all said >&2; sleep 60', options=['--name', 'full'],
                        policy={'log': {'driver': 'json-file', 'path': str(disk), 'max_size': '64K', 'max_files': 1000, 'full': full}})
        driver = running.event('launched')['log']['pid']
        time.sleep(3)
        size = sum(path.stat().st_size for path in disk.iterdir())
        expect(size > 200 << 10, 'the disk was not filled', size)
        busy = 'seq' in Path(f'/proc/{running.event("launched")["pid"]}/task/{running.event("launched")["pid"]}/children').read_text() or \
            any('seq' in ground.describe(int(c)) for c in
                Path(f'/proc/{running.event("launched")["pid"]}/task/{running.event("launched")["pid"]}/children').read_text().split())
        expect(busy == (full == 'block'), 'the workload waits' if full == 'block' else 'the workload goes on', full)
        sh(f'mount -o remount,size=64m {disk}')
        filler.unlink()
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline and not casemate('logs', '-n', '3', 'full').err.endswith('all said\n'):
            time.sleep(0.1)
        running.signal(signal.SIGTERM)
        exited = running.wait().event('exited')
        told = casemate('logs', 'full')
        numbers = [int(line) for line in told.out.splitlines() if line.isdigit()]
        dropped = [int(line.split()[1]) for line in told.err.splitlines() if 'were dropped here' in line]
        expect(numbers == sorted(set(numbers)), 'out of order or doubled')
        expect(exited['log']['errors'] > 0 and exited['log']['dropped_lines'] == sum(dropped), exited['log'], dropped)
        if full == 'block':
            expect(numbers == list(range(1, count + 1)) and not dropped, len(numbers), dropped)
        else:
            expect(dropped and len(numbers) + sum(dropped) in (count, count + 1), len(numbers), dropped)
        sh(f'mount -o remount,size=256k {disk} || true')
        for path in disk.iterdir():
            path.unlink()
        sh(f'mount -o remount,size=256k {disk}')
finally:
    Path('/var/log/casemate/full').unlink(missing_ok=True)
    sh(f'umount {disk}')
