# The workload tells the service manager itself (notify: workload): its word arrives as the supervisor's, line by line what may pass.
# policy: {"notify": "workload"}
import socket
import struct

class Manager(socket.socket):
    def __init__(self, address):
        super().__init__(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.bind('\0' + address)
        self.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self.settimeout(10)

    def hear(self):
        """The next message and its sender; descriptors would be an error."""
        data, ancillary, _, _ = self.recvmsg(8192, 512)
        expect(not any(kind == socket.SCM_RIGHTS for _, kind, _ in ancillary), 'no descriptor arrives', data)
        return struct.unpack('iII', next(d for _, kind, d in ancillary if kind == socket.SCM_CREDENTIALS))[0], data.decode()

    def until(self, line):
        """Everything said until a message that has the line."""
        said = []
        while not said or line not in said[-1].split('\n'):
            said.append(self.hear()[1])
        return said

address = f'casemate-workload-{os.getpid()}'
env = {'NOTIFY_SOCKET': '@' + address}
with Manager(address) as manager:
    running = start('echo $NOTIFY_SOCKET; trap "exit 7" TERM; trap \'probe notify "RELOADING=1\\nMONOTONIC_USEC=5" "READY=1"\' HUP\n'
                    'sleep 0.5; probe notify "READY=1\\nSTATUS=on" "STATUS=two\\nMAINPID=1\\nFDSTORE=1" "NOTIFYACCESS=all"\n'
                    'probe notify -f 3 "FDSTORE=1\\nFDNAME=x" "STATUS=after"; probe notify-long 4096; probe notify-long 4097; probe notify STATUS=short\n'
                    'echo up; while :; do sleep 0.1; done', env=env)
    sender, first = manager.hear()
    expect('READY' not in first and f'MAINPID={running.pid}' in first, 'casemate does not say that it is ready', first)
    sender, ready = manager.hear()
    expect(sender == running.pid and ready == 'READY=1\nSTATUS=on', 'the workload does, through the supervisor', sender, ready)
    expect(manager.hear()[1] == f'STATUS=two\nMAINPID={running.pid}', 'the main process is the supervisor')
    said = manager.until('STATUS=short')
    expect(said[0] == 'STATUS=after' and len(said[1]) == 4096 and said[2:] == ['STATUS=short'], [s[:20] for s in said])
    running.wait_for('up')
    expect('/dev/notify' in running.text('out'), running.so_far())
    for what in 'FDSTORE', 'NOTIFYACCESS', '4096 bytes', 'BARRIER=1':
        running.wait_for(lambda: running.text('err').count(what) >= 1)
    expect(running.text('err').count('FDSTORE of process') == 1, 'said once', running.so_far())
    # Nobody else has the socket; who gets at it all the same is not in the container.
    if host.root:
        pid = running.event('launched')['pid']
        sh(f'$PROBE notify -n -t /proc/{pid}/root/dev/notify STATUS=foreign')
        running.wait_for('is not in this container')
    running.signal(signal.SIGHUP)
    said = manager.until('READY=1')
    expect(said == ['RELOADING=1\nMONOTONIC_USEC=5', 'READY=1'], 'and nothing of a stranger', said)
    running.signal(signal.SIGTERM)
    said = manager.until('EXIT_STATUS=7')
    result = running.wait()
    expect(result.code == 7 and 'STOPPING=1' in said[0], said, result)

# It cannot make the supervisor busy, nor keep it from its signals; and what it says last is heard.
with Manager(address) as manager:
    running = start('trap "exit 3" TERM; probe notify-flood 100000 & wait', env=env)
    manager.until('STATUS=again')
    began, ticks = time.monotonic(), sum(map(int, Path(f'/proc/{running.pid}/stat').read_text().rsplit(')', 1)[1].split()[11:13]))
    heard = 0
    while time.monotonic() < began + 3:
        heard += manager.hear()[1] == 'STATUS=again'
    ticks = sum(map(int, Path(f'/proc/{running.pid}/stat').read_text().rsplit(')', 1)[1].split()[11:13])) - ticks
    took = time.monotonic() - began
    expect(heard <= 50 * (took + 2), 'fifty messages a second', heard, took)
    expect(ticks <= took * os.sysconf('SC_CLK_TCK') / 2, 'and between them it sleeps', ticks, took)
    running.signal(signal.SIGTERM)
    manager.until('EXIT_STATUS=3')
    expect(running.wait().code == 3, running.so_far())
with Manager(address) as manager:
    result = run('probe notify -n STOPPING=1 "STATUS=the last"', env=env)
    said = manager.until('EXIT_STATUS=0')
    expect(result.code == 0 and said[-3:-1] == ['STOPPING=1', 'STATUS=the last'], said)

# A manager that does not read: the workload waits, the supervisor does not.
with Manager(address) as manager:
    running = start('trap "exit 3" TERM; probe notify-flood 1000 & wait', env=env)
    running.event('launched')
    time.sleep(1)
    running.signal(signal.SIGTERM)
    time.sleep(0.5)
    manager.until('EXIT_STATUS=3')              # STOPPING= and this one do wait, for a while
    expect(running.wait().code == 3, running.so_far())

# The watchdog is the workload's when it speaks for itself, and casemate's when it does not.
with Manager(address) as manager:
    watchdog = {'WATCHDOG_USEC': '2000000', **env}
    result = run('env; echo pid $$; probe notify WATCHDOG=1', env=watchdog)
    said = manager.until('EXIT_STATUS=0')
    expect(re.search(r'WATCHDOG_USEC=2000000', result.out) and 'WATCHDOG=1' in said, result, said)
    expect(re.search(r'WATCHDOG_PID=(\d+)', result.out)[1] == re.search(r'pid (\d+)', result.out)[1], result)
    result = run('env; echo pid $$', env=watchdog, policy={'init': False})
    expect('WATCHDOG_PID=1' in result.out and 'pid 1' in result.out, result)
    manager.until('EXIT_STATUS=0')
    running = start('env; sleep 1.5', env=watchdog, policy={'notify': 'launched'})
    said = manager.until('EXIT_STATUS=0')
    expect(said.count('WATCHDOG=1') in (1, 2, 3), said)
    expect('WATCHDOG' not in running.wait().out, running.so_far())
    result = run('env', env={**env, 'WATCHDOG_USEC': '2000000', 'WATCHDOG_PID': '1'})
    expect(result.code == 0 and 'WATCHDOG' not in result.out, 'meant for another process', result)
    manager.until('EXIT_STATUS=0')
    result = run('env', env={**env, 'WATCHDOG_USEC': 'soon'})
    expect(result.code == 125 and 'WATCHDOG_USEC' in result.err, result)

# Without a manager it is heard all the same, and nothing waits.
result = run('probe notify READY=1 STATUS=x && echo fine')
expect(result.code == 0 and 'fine' in result.out and 'warning' not in result.err, result)
