# A network namespace can be named; only that one is entered.
# needs: root
sh(': > netns; unshare --net="$WORK/netns" ip address add 192.0.2.99/32 dev lo')
result = run('readlink /proc/self/ns/net; cat /proc/net/fib_trie', policy={'network': {'mode': 'path', 'path': f'{WORK}/netns'}})
inode = os.stat(WORK / 'netns').st_ino
expect(f'net:[{inode}]' in result.out and '192.0.2.99' in result.out, result)
for path in '/etc/passwd', '/proc/self/ns/mnt', '/run/netns/no-such':
    result = run(policy={'network': {'mode': 'path', 'path': path}})
    expect(result.code == 125 and '/network/path' in result.err, result)
# /sys belongs to it as well.
result = run('ls /sys/class/net; echo and; tail -n +3 /proc/net/dev | cut -d: -f1', policy={'network': {'mode': 'path', 'path': f'{WORK}/netns'}})
shown, there = (set(part.split()) for part in result.out.split('begins\n')[1].split('and\n'))
expect(shown == there, result)
