# The workload does not outlive its supervisor, with a PID 1 of ours and without. There AppArmor takes its death signal away, and
# only the guard ends it; where AppArmor is not active the signal alone does, and nothing is seen of the guard.
def lives(pid):
    try:
        return Path(f'/proc/{pid}/stat').read_text().rpartition(') ')[2][0] not in 'ZX'
    except OSError:
        return False
for init in True, False:
    running = start('sleep 600 & sleep 600', policy={'init': init}, options=['--name', 'scenario'])
    pid = running.event('launched')['pid']
    expect(lives(pid), 'it runs')
    running.signal(signal.SIGKILL)
    running.wait()
    deadline = time.monotonic() + 20
    while lives(pid):
        expect(time.monotonic() < deadline, 'it runs on', init, pid)
        time.sleep(0.01)
if host.root and 'apparmor' not in GAPS:
    running = start('sleep 600 & sleep 600', policy={'init': False}, options=['--name', 'scenario'])
    pid = running.event('launched')['pid']
    guard, = set(map(int, Path(f'/proc/{running.pid}/task/{running.pid}/children').read_text().split())) - {pid}
    os.kill(guard, signal.SIGKILL)
    running.signal(signal.SIGKILL)
    running.wait()
    time.sleep(0.5)
    expect(lives(pid), 'without the guard it runs on')
    os.kill(pid, signal.SIGKILL)
# What it could not remove any more the next launch of the same name does, once those that were killed are gone.
deadline = time.monotonic() + 20
while (again := run('true', options=['--name', 'scenario'])).code:
    expect('still has processes' in again.err and time.monotonic() < deadline, again)
    time.sleep(0.1)
