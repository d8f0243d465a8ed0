# `casemate exec`: signals are passed on; what was brought in ends with whoever did so, and with the container; descriptors
# and memory of the one who brings it are closed to the container (CVE-2016-9962, CVE-2024-21626).
# policy: {"exec": true}
# slow: 2
import subprocess
def bring(*args, **more):
    return host.start([str(host.casemate), 'exec', 'scenario', '--', *args], stdin=subprocess.DEVNULL, **more)
def sleepers():
    found = []
    for p in filter(str.isdigit, os.listdir('/proc')):
        try:
            found += [p] if Path(f'/proc/{p}/cmdline').read_bytes() == b'sleep\x007777\0' else []
        except OSError:
            pass    # it has just ended
    return found
def settle(want, what):
    deadline = time.monotonic() + 10
    while True:
        now = len(sleepers())
        if now == want:
            return
        expect(time.monotonic() < deadline, what, now)
        time.sleep(0.02)

peek = '''echo ready; while :; do for p in /proc/[0-9]*; do
    for f in $p/fd/* $p/cwd $p/root $p/exe; do to=$(readlink $f 2>/dev/null) || continue
        case $p:$to in /proc/1:*|*:/bin/busybox|*:/|*:/dev/null|*:pipe:*|*:socket:*|*:/proc/[0-9]*|*:/proc) ;; *) echo "LEAK $f $to" ;; esac; done
    head -c1 $p/mem >/dev/null 2>&1 && echo "LEAK $p/mem"; done; done'''
running = start(peek, options=['--name', 'scenario'])
running.wait_for('ready')
running.event('launched')   # which may be told later
secret = os.open(WORK, os.O_RDONLY | os.O_DIRECTORY)
for _ in range(40):
    other = bring('/bin/busybox', 'true', fds=(secret,))
    expect(other.wait(20) == 0, 'true', other.stderr.read())
listing = bring('/bin/ls', '-l', '/proc/self/fd', fds=(secret,))
out, err = listing.communicate(timeout=20)
expect(str(WORK).encode() not in out, out)
expect('LEAK' not in running.so_far().out, running.so_far())

other = bring('sleep', '7777')
settle(1, 'it runs')
other.send_signal(signal.SIGTERM)
expect(other.wait(20) == 128 + signal.SIGTERM, 'a signal is passed on')
other = bring('/bin/sh', '-c', r'trap "kill \$!; exit 9" HUP; sleep 7777 & wait')
settle(1, 'it runs')
other.send_signal(signal.SIGHUP)
expect(other.wait(20) == 9, 'and may be handled')
settle(0, 'it has ended')
# timeout(1), systemd and a shell signal all of a group or a cgroup.
other = bring('/bin/sh', '-c', r'trap "kill \$!; sleep 0.2; exit 9" TERM; sleep 7777 & wait')
settle(1, 'it runs')
os.killpg(other.pid, signal.SIGTERM)
expect(other.wait(20) == 9, 'and may be handled also where all of ours are sent it')
settle(0, 'it has ended')
other = bring('sleep', '7777')
settle(1, 'it runs')
pid, = sleepers()
other.kill()
other.wait(20)
settle(0, 'it dies with whoever brought it')
os.waitpid(int(pid), 0)     # an orphan of the runner's; until somebody has, its pid namespace does not end
expect(casemate('verify', 'scenario').code in (0, 1), 'the container is as it was')
other = bring('sleep', '7777')
settle(1, 'it runs')
running.signal(signal.SIGTERM)
running.wait()
expect(other.wait(20) == 128 + signal.SIGKILL, 'it ends with the container')
settle(0, 'nothing is left')
