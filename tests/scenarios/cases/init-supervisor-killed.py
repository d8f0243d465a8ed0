# The workload does not outlive its supervisor, with a PID 1 of ours and without (where AppArmor takes its death signal away).
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
# What it could not remove any more the next launch of the same name does.
run('true', options=['--name', 'scenario'])
