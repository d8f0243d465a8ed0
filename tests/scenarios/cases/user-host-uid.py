# On the host, too, the workload is nobody's root: uid 65534 of a container must not be uid 0 outside.
for uid in (65534, 10001) if host.root else (10001,):
    running = start('sleep 60', policy={'user': {'uid': uid, 'gid': uid}})
    pid = running.event('launched')['pid']
    status = Path(f'/proc/{pid}/status').read_text()
    expected = str(uid if host.root else os.getuid())
    expect(re.search(r'^Uid:\s(.*)$', status, re.M)[1].split() == [expected] * 4, status)
    expect(re.search(r'^Gid:\s(.*)$', status, re.M)[1].split() == [expected] * 4, status)
    running.signal(signal.SIGTERM)
    running.wait()
