# The supervisor is killed while the workload prints: what the workload was told is written is in the log.
log = ground.log_dir(WORK / 'log')
os.environ['XDG_STATE_HOME'] = str(WORK / 'state')
link = Path('/var/log/casemate/killed') if os.getuid() == 0 else WORK / 'state/casemate/killed'
policy = {'log': {'driver': 'json-file', 'path': str(log), 'max_size': '64K', 'max_files': 1000},
          'mounts': [{'source': str(WORK / 'said'), 'target': '/data', 'read_only': False}]}
(WORK / 'said').mkdir(mode=0o777)
(WORK / 'said').chmod(0o777)
for moment in range(8):
    for path in log.iterdir():
        path.unlink()
    # The number is in the file only once printf has come back: that line is acknowledged.
    running = start('i=0; while :; do i=$((i+1)); echo $i; echo $i >/data/said; done', policy=policy, options=['--name', 'killed'])
    pid = running.event('launched')['log']['pid']
    time.sleep(0.05 + moment * 0.06)
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    deadline = time.monotonic() + 15
    while os.path.exists(f'/proc/{pid}/exe') and time.monotonic() < deadline:
        time.sleep(0.01)
    expect(not os.path.exists(f'/proc/{pid}/exe'), 'the driver does not end')
    acknowledged = int((WORK / 'said/said').read_text() or 0)
    told = [int(line) for line in casemate('logs', 'killed').out.splitlines() if line.isdigit()]
    expect(told == list(range(1, len(told) + 1)) and len(told) >= acknowledged, acknowledged, told[-3:])
# What the killed supervisor left goes with the next launch.
run('true', policy=policy, options=['--name', 'killed'])
link.unlink()
