# What the host mounts later does not appear inside, and nothing mounted for a container appears outside.
# needs: root
sh('mkdir volume; mount --bind volume volume; mount --make-shared volume; mkdir volume/later')
running = start('while [ ! -e /data/go ]; do sleep 0.05; done; if ls /data/later/mark; then exit 1; fi',
                policy={'mounts': [{'type': 'bind', 'source': f'{WORK}/volume', 'target': '/data'}]})
running.event('launched')
sh('mount -t tmpfs later volume/later; : > volume/later/mark; : > volume/go')
result = running.wait()
expect(result.code == 0, result)
