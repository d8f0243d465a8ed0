# What a killed supervisor left does not stop the next launch of that name.
first = start('sleep 60', options=['--name', 'scenario'])
first.event('launched')
first.signal(signal.SIGKILL)
first.wait()
again = run('true', options=['--name', 'scenario'])
expect(again.code == 0, again)
