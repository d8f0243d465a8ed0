# A fork bomb without end stays within its limit, and the host goes on answering meanwhile.
# needs: limits.pids limits.cpus
def answer():
    """The slowest of ten commands on the host, in seconds."""
    took = []
    for _ in range(10):
        began = time.monotonic()
        os.waitpid(os.posix_spawn('/bin/true', ['true'], {}), 0)
        took.append(time.monotonic() - began)
    return max(took)
quiet = answer()
running = start('probe bomb', policy={'limits': {'pids': 64, 'cpus': 1}})
leaf = Path('/sys/fs/cgroup' + running.event('launched')['cgroup'])
running.wait_for(lambda: ground.keyed(leaf / 'pids.events')['max'] > 100, 30)
busy = answer()
most = int(next((leaf / f for f in ('pids.peak', 'pids.current') if (leaf / f).exists())).read_text())
began = time.monotonic()
running.signal(signal.SIGKILL)
running.wait()
note(f'a command took {quiet * 1000:.0f} ms, beside the bomb {busy * 1000:.0f} ms; {most} processes at most')
expect(most <= 64, most)
expect(busy < 1 + 5 * quiet, quiet, busy)
# The supervisor cannot tell any more; its PID 1 ended everybody.
running.wait_for(lambda: not ground.keyed(leaf / 'cgroup.events')['populated'])
expect(run('true').code == 0, 'and what was left goes with the next launch')
