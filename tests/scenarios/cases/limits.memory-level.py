# Two limits of memory bind, the container's own and one above it, and the record tells which of them killed.
# needs: limits.memory
run('true')     # the unit is divided now
ACT, LARGE = 'sleep 600 & probe memory 100', {'limits': {'memory': '80M'}}
def killed(level, **more):
    result = run(ACT, **more)
    exited = result.event('exited')
    expect(result.code == 137 and exited['oom'] == level and exited['oom_kills'] > 0, level, result, exited)
    return result
killed('container', policy=LARGE)
with ground.cgroup('scenario', **{'memory.max': '48M', 'memory.swap.max': '0'}) as above:
    result = killed('above', policy=LARGE, before=ground.enter(above))
    # Before anything is killed the record says already which limit will be met first.
    expect(f'effective {48 << 20}, by' in result.event('launched')['controls']['limits.memory'], result.events)
    killed('container', policy={'limits': {'memory': '16M'}}, before=ground.enter(above))
    expect(run('probe memory 8', before=ground.enter(above)).code == 0, 'within both')
    expect(ground.keyed(above / 'memory.events.local')['oom'] > 0, 'the kernel agrees')
