# What a killed supervisor of a nameless container left goes when the next one starts.
first = start('sleep 60')
first.event('launched')
first.signal(signal.SIGKILL)
first.wait()
expect(run('true').code == 0, 'the next one')
