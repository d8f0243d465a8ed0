# The workload does not outlive its supervisor.
running = start('sleep 600 & sleep 600', options=['--name', 'scenario'])
pid = running.event('launched')['pid']
running.signal(signal.SIGKILL)
running.wait()
deadline = time.monotonic() + 3
while os.path.exists(f'/proc/{pid}') and Path(f'/proc/{pid}/stat').read_text().split(') ')[1][0] != 'Z' and time.monotonic() < deadline:
    time.sleep(0.01)
expect(not os.path.exists(f'/proc/{pid}') or Path(f'/proc/{pid}/stat').read_text().split(') ')[1][0] == 'Z', pid)
# What it could not remove any more the next launch of the same name does.
run('true', options=['--name', 'scenario'])
