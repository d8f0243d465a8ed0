# Sockets of the service manager (sd_listen_fds(3)): those that the policy names reach the workload, with the right numbers; any other is an error.
# policy: {"sockets": [{"name": "web"}, {"name": "ctl", "family": "unix", "type": "dgram"}]}
import socket

# Opens sockets as a .socket unit says, and becomes casemate: "NAME KIND PORT..." per socket, KIND "-" for what is no socket.
ACTIVATE = '''
import os, socket, sys
count, extra = int(sys.argv[1]), sys.argv[2]
kinds, argv = sys.argv[3:3 + 2 * count], sys.argv[3 + 2 * count:]
for n, kind in enumerate(kinds[1::2]):
    if kind.startswith("tcp"):
        s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(("127.0.0.1", int(kind[3:]))); s.listen(5)
    elif kind == "connection":
        s, keep = socket.socketpair()
    else:
        s = socket.socket(socket.AF_UNIX, getattr(socket, "SOCK_" + kind.upper()))
    os.dup2(s.fileno(), 50 + n)
for n in range(count):
    os.dup2(50 + n, 3 + n)
    os.close(50 + n)
if extra == "open":
    os.dup2(1, 3 + count)
os.environ.update(LISTEN_PID=str(os.getpid() + (extra == "stranger")), LISTEN_FDS=str(count + (extra == "more")), LISTEN_FDNAMES=":".join(kinds[::2]))
os.execv(argv[0], argv)
'''

# The numbers that handed-over sockets get are not those of --status-fd.
kept = [os.open('/dev/null', os.O_RDONLY) for _ in range(6)]

def activated(*kinds, extra=''):
    return ['/usr/bin/python3', '-c', ACTIVATE, str(len(kinds)), extra, *(word for kind in kinds for word in kind.split())]

with socket.socket() as free:
    free.bind(('127.0.0.1', 0))
    port = free.getsockname()[1]
web, ctl = f'web tcp{port}', 'ctl dgram'

for init in True, False:
    running = start('exec probe listen-fds answer', policy={'init': init}, wrapper=activated(web, ctl))
    launched = running.event('launched')
    with socket.socket() as client:
        client.settimeout(10)
        client.connect(('127.0.0.1', port))
        expect(client.recv(100) == b'answer of 3\n', 'the workload answers')
    result = running.wait()
    expect('LISTEN_PID mine FDS 2 NAMES web:ctl' in result.out, result)
    expect(re.findall('descriptor.*', result.out) == ['descriptor 3 domain 2 type 1 listening 1', 'descriptor 4 domain 1 type 2 listening 0'], result)
    expect('only 0 to 4' in launched['controls']['fds'], launched['controls']['fds'])

# Nobody but the workload holds them: the supervisor and PID 1 do not.
running = start('sleep 100', wrapper=activated(web, ctl))
launched = running.event('launched')
if host.root:
    def sockets(pid):
        return sum('socket' in os.readlink(fd) for fd in Path(f'/proc/{pid}/fd').iterdir())
    expect(sockets(launched['init_pid']) == 1 and sockets(launched['pid']) == 2 and sockets(running.pid) <= 2, 'sockets')
running.signal(signal.SIGKILL)
running.wait()

# What else was left open is closed as ever, and not counted.
result = run('probe listen-fds', wrapper=activated(web, ctl, extra='open'))
expect(result.code == 0 and 'descriptor 5' not in result.out and 'FDS 2' in result.out, result)

for kinds, extra, why in (
        ((web, ctl, 'more dgram'), '', r"'more' that the policy does not name"),
        ((web,), '', r"/sockets/1: no socket 'ctl'"),
        ((web, 'ctl stream'), '', r"'ctl' is of another kind"),
        ((web, 'ctl connection'), '', r"'ctl' is of another kind"),
        (('web stream', ctl), '', r"'web' is of another kind"),
        ((web, ctl), 'more', r'LISTEN_FDNAMES makes no sense'),
        ((web, ctl), 'stranger', r"/sockets/0: no socket 'web'")):
    result = run(wrapper=activated(*kinds, extra=extra))
    expect(result.code == 125 and not result.begun and re.search(why, result.err), why, result)
# A policy that names none takes none; and without a manager there is none to take.
result = run(policy={'sockets': []}, wrapper=activated(web))
expect(result.code == 125 and re.search("'web' that the policy does not name", result.err), result)
result = run()
expect(result.code == 125 and re.search(r'\.socket unit', result.err), result)
# In the background casemate is another process than the manager started.
result = run(options=['-d'], wrapper=activated(web, ctl))
expect(result.code == 125 and re.search('not with -d', result.err), result)
for name in 'LISTEN_FDS', 'LISTEN_PID', 'WATCHDOG_USEC':
    result = run(policy={'env_pass': [name]}, env={name: '1'})
    expect(result.code == 125 and 'refused: what the service manager says' in result.err, result)
for fd in kept:
    os.close(fd)
