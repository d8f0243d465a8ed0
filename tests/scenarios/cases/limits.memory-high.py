# Beyond memory_high a workload is slowed down and counted, not killed.
# needs: limits.memory
ACT = 'probe memory 33; cd /sys/fs/cgroup; grep -w high memory.events; cat memory.pressure'
def measured(**limits):
    result = run(ACT, policy={'limits': {'memory': '128M', **limits}}, seconds=120)
    expect(result.code == 0 and result.event('exited')['oom'] == 'none', result)
    return [int(re.search(what, result.out, re.M)[1]) for what in (r'^high (\d+)', r'^some .*total=(\d+)')]
none, free = measured()
events, stalled = measured(memory_high='32M')
note(f'stalled for {free / 1000} ms; with memory_high for {stalled / 1000} ms, {events} events')
expect(none == 0 and events > 0, none, events)
expect(stalled > 100000 > 3 * free, free, stalled)
