# What changes after the launch is seen: verify compares the kernel with the record.
# needs: root
running = start('sleep 60', options=['--name', 'scenario'])
pid = running.event('launched')['pid']
expect(casemate('verify', 'scenario').code == 0, 'as launched')
sh(f'nsenter --target {pid} --mount /bin/busybox mount -t tmpfs drift /data')
result = casemate('verify', 'scenario')
expect(result.code == 1 and re.search('DRIFT.*/data', result.out), result)
running.signal(signal.SIGTERM)
running.wait()
