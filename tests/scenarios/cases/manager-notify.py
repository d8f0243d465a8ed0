# The service manager hears from the supervisor, and from nobody else, when the workload runs, stops and has ended (sd_notify(3)).
import socket
import struct

def manager(address):
    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    s.bind(address.replace('@', '\0', 1))
    s.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    s.settimeout(10)
    if address[0] != '@':
        os.chmod(address, 0o777)
    return s

def hear(s):
    data, ancillary, _, _ = s.recvmsg(4096, 512)
    sender = struct.unpack('iII', next(d for level, kind, d in ancillary if kind == socket.SCM_CREDENTIALS))[0]
    return sender, dict(line.split('=', 1) for line in data.decode().split('\n'))

# A socket's path may have 107 bytes; the work directory's is as long as it is.
for address in f'/tmp/notify-{os.getpid()}', f'@casemate-notify-{os.getpid()}':
    with manager(address) as s:
        try:
            running = start('env; trap "echo hup" HUP; trap "exit 7" TERM; echo up; while :; do sleep 0.1; done',
                            env={'NOTIFY_SOCKET': address})
            sender, said = hear(s)
            launched = running.event('launched')
            expect(sender == running.pid, 'the supervisor says it', sender, running.pid)
            expect(said['READY'] == '1' and said['MAINPID'] == str(running.pid), said)
            expect(launched['name'] in said['STATUS'] and str(launched['pid']) in said['STATUS'], said)
            running.wait_for('up')
            # (Nobody but root can see that.)
            fds = [os.readlink(fd) for pid in {launched['pid'], launched['init_pid']} for fd in Path(f'/proc/{pid}/fd').iterdir()] if host.root else ['socket']
            expect(sum('socket' in fd for fd in fds) == 1, 'PID 1 has its line to the supervisor, and no other socket', fds)
            running.signal(signal.SIGHUP)
            running.wait_for('hup')
            running.signal(signal.SIGTERM)
            expect(hear(s)[1]['STOPPING'] == '1', 'it says that it stops')
            said = hear(s)[1]
            expect(said['EXIT_STATUS'] == '7', said)
            result = running.wait()
            expect(result.code == 7 and 'NOTIFY' not in result.out and 'warning' not in result.err, result)
            # Refused, before anything was started: the manager shows why.
            result = run(policy={'rootfs': '/nonexistent'}, env={'NOTIFY_SOCKET': address})
            said = hear(s)[1]
            expect(said['EXIT_STATUS'] == '125' and said['ERRNO'] == '2' and '/rootfs' in said['STATUS'], said, result)
        finally:
            if address[0] != '@':
                os.unlink(address)

# The workload cannot ask for the line.
for policy in {'env_pass': ['NOTIFY_SOCKET']}, {'env': {'NOTIFY_SOCKET': '@x'}}:
    result = run(policy=policy, env={'NOTIFY_SOCKET': '@nobody'})
    expect(result.code == 125 and 'NOTIFY_SOCKET' in result.err and 'service manager' in result.err, result)
# An address that never works is a mistake of whoever set it; a manager that has gone away is not.
result = run('echo up', env={'NOTIFY_SOCKET': 'vsock:2:1234'})
expect(result.code == 125 and not result.begun and 'NOTIFY_SOCKET' in result.err, result)
result = run('echo up', env={'NOTIFY_SOCKET': '@nobody'})
expect(result.code == 0 and result.begun and 'warning: cannot reach the service manager' in result.err, result)
