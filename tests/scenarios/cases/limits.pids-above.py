# A limit of processes above the container's own binds as well.
# needs: limits.pids
run('true')
with ground.cgroup('scenario', **{'pids.max': '24'}) as above:
    result = run('probe processes 40', policy={'limits': {'pids': 100}}, before=ground.enter(above))
    expect(result.code == 1 and 'fork: EAGAIN' in result.out, result)
    expect('effective 24, by' in result.event('launched')['controls']['limits.pids'], result.events)
expect(run('probe processes 40', policy={'limits': {'pids': 100}}).code == 0, 'without it')
