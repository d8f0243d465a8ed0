# A network namespace can be named; only that one is entered.
# needs: root
sh(': > netns; unshare --net="$WORK/netns" ip link add scenario0 type dummy')
result = run('readlink /proc/self/ns/net; cat /proc/net/dev', policy={'network': {'mode': 'path', 'path': f'{WORK}/netns'}})
inode = os.stat(WORK / 'netns').st_ino
expect(f'net:[{inode}]' in result.out and 'scenario0' in result.out, result)
for path in '/etc/passwd', '/proc/self/ns/mnt', '/run/netns/no-such':
    result = run(policy={'network': {'mode': 'path', 'path': path}})
    expect(result.code == 125 and '/network/path' in result.err, result)
