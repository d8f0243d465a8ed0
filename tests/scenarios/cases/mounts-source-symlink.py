# A policy's rootfs and volumes may not be magic links, through which a process decides what they are.
for path in '/proc/self/root', '/proc/self/cwd', f'/proc/{os.getpid()}/root', '/proc/self/fd/0':
    result = run(policy={'rootfs': path})
    expect(result.code == 125, result)
    result = run(policy={'mounts': [{'type': 'bind', 'source': path, 'target': '/data'}]})
    expect(result.code == 125, result)
