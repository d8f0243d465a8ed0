# A volume of somebody else's appears as the workload's own with idmap, stays the owner's on the host, and is out of reach without.
# needs: root linux-6.3
volume = WORK / 'volume'
volume.mkdir(mode=0o700)
os.chown(volume, 33, 33)
mount = {'source': str(volume), 'target': '/data', 'read_only': False}
act = 'touch /data/x; stat -c %u:%g /data/x; grep -c " /data .*idmapped" /proc/self/mountinfo'
mapped = run(act, policy={'mounts': [mount | {'idmap': True}]})
expect(mapped.code == 0 and '10001:10001\n1' in mapped.out, mapped)
expect((volume / 'x').stat().st_uid == 33, 'on the host it is still of uid 33')
plain = run(act, policy={'mounts': [mount]})
expect(plain.code != 0 and 'Permission denied' in plain.err + plain.out, plain)
