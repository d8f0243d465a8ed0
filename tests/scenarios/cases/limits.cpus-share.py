# The share of CPU time is that of the policy, within a tenth, whatever the number of busy processes; and the kernel counts the throttling.
# needs: limits.cpus
LIMIT, WINDOW = 0.3, 6
running = start('probe cpu 600 & probe cpu 600 & echo busy; wait', policy={'limits': {'cpus': LIMIT}})
launched = running.event('launched')
running.wait_for('busy')
stat = Path('/sys/fs/cgroup' + launched['cgroup'], 'cpu.stat')
time.sleep(0.5)     # past what it took to start
def look():
    return time.monotonic(), ground.keyed(stat)
(from_, before), _, (to, after) = look(), time.sleep(WINDOW), look()
used = {key: after[key] - before[key] for key in after}
share = used['usage_usec'] / 1e6 / (to - from_)
note(f'{share:.3f} CPUs of {LIMIT}, throttled in {used["nr_throttled"]} of {used["nr_periods"]} periods')
running.signal(signal.SIGTERM)
expect(abs(share - LIMIT) < LIMIT / 10, share)
expect(used['nr_throttled'] > used['nr_periods'] / 2 > 10, used)
exited = running.wait().event('exited')
expect(exited['throttled_usec'] > 0, exited)
