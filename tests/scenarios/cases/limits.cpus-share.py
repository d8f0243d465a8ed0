# The share of CPU time is that of the policy, within a tenth, whatever the number of busy processes, and the kernel counts the throttling.
# needs: limits.cpus
LIMIT = 0.3
def share_of(running, window):
    running.wait_for('busy')
    stat = Path('/sys/fs/cgroup' + running.event('launched')['cgroup'], 'cpu.stat')
    time.sleep(0.5)     # past what it took to start
    from_, before = time.monotonic(), ground.keyed(stat)
    time.sleep(window)
    to, after = time.monotonic(), ground.keyed(stat)
    used = {key: after[key] - before[key] for key in after}
    share = used['usage_usec'] / 1e6 / (to - from_)
    note(f'{share:.3f} CPUs, throttled in {used["nr_throttled"]} of {used["nr_periods"]} periods')
    return share, used
def busy(**limits):
    return start('probe cpu 600 & probe cpu 600 & echo busy; wait', policy={'limits': limits})
running = busy(cpus=LIMIT)
for window in 5, 10, 20:    # a virtual CPU that stands still is billed for it, and needs time to make up
    share, used = share_of(running, window)
    if abs(share - LIMIT) < LIMIT / 10:
        break
running.signal(signal.SIGTERM)
expect(abs(share - LIMIT) < LIMIT / 10, share)
expect(used['nr_throttled'] > used['nr_periods'] / 2 > 10, used)
expect(running.wait().event('exited')['throttled_usec'] > 0, running.events())
running = busy(cpus=16)
share, used = share_of(running, 1)
running.signal(signal.SIGTERM)
running.wait()
expect(share > 2 * LIMIT and used['nr_throttled'] == 0, 'without it', share, used)
