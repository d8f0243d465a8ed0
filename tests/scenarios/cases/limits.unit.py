# Limits of the systemd unit around casemate bind as well, and the record tells them from the policy's own.
# needs: limits.memory limits.pids /run/systemd/system
def unit(act, *properties):
    file = policy({'limits': {'memory': '80M', 'pids': 100}, 'args': ['/bin/sh', '-c', act]})
    status = WORK / 'status'
    gaps = f'--without {",".join(GAPS)}' if GAPS else ''
    command = f'exec "$CASEMATE" run --name scenario --status-fd 9 {gaps} {file} 9>{status}'
    inside = ['env', *(f'{k}={os.environ[k]}' for k in ('TMPDIR', 'XDG_RUNTIME_DIR') if k in os.environ), f'CASEMATE={host.casemate}', 'sh', '-c', command]
    # root's scenarios have mounts of their own; a user's manager is found at the user's real runtime directory.
    enter = ['nsenter', f'--mount=/proc/{os.getpid()}/ns/mnt', f'--ipc=/proc/{os.getpid()}/ns/ipc', '--'] if host.root else []
    manager = [] if host.root else ['--user']
    argv = ['systemd-run', '--quiet', '--wait', '--pipe', '--collect', *manager, '-p', 'Delegate=yes', '-p', 'OOMPolicy=continue', *properties, *enter, *inside]
    process = host.start(argv, env={} if host.root else {'XDG_RUNTIME_DIR': f'/run/user/{os.getuid()}'})
    out, err = process.communicate(timeout=60)
    lines = ground.lines_of_json(status.read_text())
    expect(len(lines) == 2, argv, out, err, lines)
    return process.returncode, out.decode(), *lines
ACT = 'trap : TERM; probe processes 40 || true; probe memory 100'
code, out, launched, exited = unit(ACT, '-p', 'TasksMax=24', '-p', 'MemoryMax=48M')
expect(code == 137 and 'fork: EAGAIN' in out and exited['oom'] == 'above', code, out, exited)
expect(re.search(r'^100; effective 24, by .*\.service/', launched['controls']['limits.pids']), launched)
expect(re.search(rf'^{80 << 20}; effective {48 << 20}, by .*\.service/', launched['controls']['limits.memory']), launched)
code, out, launched, exited = unit(ACT)
expect(code == 137 and 'fork: ok' in out and exited['oom'] == 'container', 'without them', code, out, exited)
