#!/usr/bin/env python3
"""process.py - casemate-runtime's processes, seen from inside: config.md "Process", config-linux.md "Seccomp", "Personality"; exec.

    process.py [CASE...]         as root; MUST_WORK=1: a skip is a failure
"""
import array
import contextlib
import fcntl
import json
import os
from pathlib import Path
import pty
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import termios
import threading
import time

from ground import bind, case, expect, main, proc, tmpfs, until

PTS = {'destination': '/dev/pts', 'type': 'devpts', 'source': 'devpts', 'options': ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5']}
LOOK = r'''grep -E '^(Umask|Uid|Gid|Groups|Cap...|NoNewPrivs|Seccomp):' /proc/self/status
grep -E 'Max (cpu|file|data|stack|core|open|locked|pending|msg|nice|realtime)' /proc/self/limits
cat /proc/self/oom_score_adj; cut -d' ' -f19,40,41 /proc/self/stat; pwd; env | grep -v -e ^SHLVL -e ^_= -e ^PWD | sort; uname -m'''


PASSWD = 'root:x:0:0:root:/root:/bin/sh\nme:x:1000:1000::/home/me:/bin/sh\nlast:x:1:1::/last'


def process(args=None, **more):
    """A process object, as config.json has it."""
    return {'terminal': False, 'user': {'uid': 0, 'gid': 0}, 'cwd': '/', 'env': ['PATH=/bin'], 'args': args or ['sh', '-c', LOOK],
            'noNewPrivileges': True, **more}


def caps(**sets):
    return {'capabilities': {name: ['CAP_' + c for c in names.split()] for name, names in sets.items()}}


@contextlib.contextmanager
def running(g, mounts=(PTS,), act='while :; do sleep 1; done', console=None, **more):
    """A container that runs: a function that calls the runtime about it."""
    b, name = g.bundle(), f'p{os.getpid()}-{g.n}'
    for program in 'grep cut env sort pwd uname tty stty ps cmp sleep kill'.split():
        if not (b / 'rootfs/bin' / program).exists():
            (b / 'rootfs/bin' / program).symlink_to('busybox')
    (b / 'config.json').write_text(json.dumps(g.config(act, mounts, **more)))
    runtime = [g.runtime, '--root', g.top / 'state']

    def call(verb, *args, **options):
        argv = [*runtime, verb, *args]
        options = {'stdin': subprocess.DEVNULL, 'capture_output': True, 'text': True, 'timeout': 60, **options}
        return subprocess.run([str(a) for a in argv], **options)
    call.name, call.argv = name, runtime
    call.exec = lambda *args, options=(), **more: call('exec', *options, name, *args, **more)
    made = call('run', '--detach', *(['--console-socket', console] if console else []), '--bundle', b, name, **AWAY)
    expect(made.returncode == 0, 'it does not start')
    try:
        yield call
    finally:
        call('delete', '--force', name)


def peers():
    """What crun and runc are asked with, where they can work: without a cgroup v2 they would write into the host's."""
    if not Path('/sys/fs/cgroup/cgroup.controllers').exists():
        return []
    return [p for p in ('crun', 'runc') if shutil.which(p)]


# Whoever is detached keeps our descriptors: a pipe would never end.
AWAY = {'stdout': subprocess.DEVNULL, 'stderr': None, 'capture_output': False}
SETTINGS = [
    process(),
    process(**caps(bounding='CHOWN KILL SETUID', permitted='CHOWN KILL', effective='CHOWN', inheritable='KILL', ambient='KILL')),
    process(user={'uid': 1000, 'gid': 1001, 'additionalGids': [5, 7], 'umask': 0o027}, cwd='/tmp', env=['PATH=/bin', 'A=1', 'B=x y']),
    process(user={'uid': 1000, 'gid': 1000}, **caps(bounding='CHOWN KILL', permitted='KILL', effective='KILL', inheritable='KILL', ambient='KILL')),
    process(rlimits=[{'type': 'RLIMIT_NOFILE', 'soft': 100, 'hard': 200}, {'type': 'RLIMIT_CORE', 'soft': 0, 'hard': 0},
                     {'type': 'RLIMIT_FSIZE', 'soft': 1 << 30, 'hard': 1 << 31}], oomScoreAdj=321),
    process(noNewPrivileges=False),
    process(user={'uid': 77, 'gid': 77}),   # whom /etc/passwd does not know
    process(env=['PATH=/nothing', 'A=1', 'PATH=/bin', 'B=', 'A=2', 'AA=3', 'A=4', 'HOME=/x', 'HOME=/y']),
]


def with_passwd(b, text=PASSWD):
    (b / 'rootfs/etc').mkdir()
    (b / 'rootfs/etc/passwd').write_text(text)
    return b


def look_with(g, setting, runtime=None, linux=None):
    b = with_passwd(g.bundle())
    for program in 'grep cut env sort pwd uname'.split():
        (b / 'rootfs/bin' / program).symlink_to('busybox')
    return g.run(bundle=b, mounts=[tmpfs('/tmp', 'mode=1777')], process=setting, linux=linux, runtime=runtime)


@case
def crun_and_runc_make_the_same_of_it(g):
    there = peers()
    if not there:
        return 'no crun, no runc, or no cgroup v2 for them'
    for setting in SETTINGS:
        ours = look_with(g, setting)
        expect(ours.code == 0, ours.err)
        for peer in there:
            theirs = look_with(g, setting, [peer, '--root', g.top / peer])
            expect(theirs.code == 0 and theirs.out == ours.out, f'{peer} makes of', setting, ':', theirs.out, theirs.err, 'and we:', ours.out)


@case
def what_is_asked_for_is_what_there_is(g):
    first = look_with(g, SETTINGS[1])
    first.says('CapInh:\t0000000000000020', 'CapBnd:\t00000000000000a1', 'CapAmb:\t0000000000000020', 'NoNewPrivs:\t1')
    look_with(g, SETTINGS[2]).says('Umask:\t0027', 'Uid:\t1000\t1000', 'Gid:\t1001\t1001', 'Groups:\t5 7', '\n/tmp\n', 'A=1\nB=x y')
    look_with(g, SETTINGS[3]).says('CapPrm:\t0000000000000020', 'CapEff:\t0000000000000020')
    text = look_with(g, SETTINGS[4])
    text.says('\n321\n')
    for name, soft, hard in ('open files', 100, 200), ('core file size', 0, 0), ('file size', 1 << 30, 1 << 31):
        line = next(t for t in text.out.splitlines() if t.startswith(f'Max {name} '))
        expect(line.split()[-3:-1] == [str(soft), str(hard)], line)
    look_with(g, SETTINGS[5]).says('NoNewPrivs:\t0')


@case
def as_many_groups_as_are_asked_for(g):
    for n in 129, 2000, 16384:      # as many as config.json may hold
        first = (1 << 32) - 70000
        setting = process(['sh', '-c', 'grep Groups: /proc/self/status | wc -w'], user={'uid': 1000, 'gid': first, 'additionalGids': list(range(first, first + n))})
        b = g.bundle()
        for applet in 'grep', 'wc':
            (b / 'rootfs/bin' / applet).symlink_to('busybox')
        g.run(bundle=b, process=setting).says(f'{n + 1}\n')


@case
def a_user_namespace_without_root(g):
    """runc's userns.bats, podman run --uidmap 1000:..."""
    b = g.bundle()
    for at, dirs, files in os.walk(b / 'rootfs'):
        for name in [*dirs, *files, '.']:
            os.lchown(os.path.join(at, name), 100007, 100008)
    maps = {'uidMappings': [{'containerID': 1000, 'hostID': 100000, 'size': 10}], 'gidMappings': [{'containerID': 2000, 'hostID': 100000, 'size': 10}]}
    setting = process(['sh', '-c', 'id -u; id -g; echo x > /dev/null; stat -c "%u:%g %a" /dev /tmp; cat /proc/self/uid_map'], user={'uid': 1007, 'gid': 2008})
    namespaces = [{'type': t} for t in ('pid', 'mount', 'ipc', 'uts', 'network', 'user')]
    g.run(bundle=b, mounts=[tmpfs('/tmp', 'mode=1777')], process=setting, linux={**maps, 'namespaces': namespaces}).says(
        '1007\n2008\n1000:2000 755\n1000:2000 1777\n')


@case
def the_scheduler_the_disk_and_the_domain(g):
    look_with(g, process(scheduler={'policy': 'SCHED_BATCH', 'nice': 5}, ioPriority={'class': 'IOPRIO_CLASS_BE', 'priority': 6}),
              linux={'personality': {'domain': 'LINUX32'}}).says('\n5 0 3\n', 'i686')
    look_with(g, process(scheduler={'policy': 'SCHED_FIFO', 'priority': 7})).says(' 7 1\n')
    look_with(g, process(scheduler={'policy': 'SCHED_OTHER', 'nice': -3})).says('\n-3 0 0\n')


# --- env ---

HOME = ['sh', '-c', 'echo "home=$HOME."']


def home(g, want, b=None, given=(), uid=0, mounts=(), **more):
    setting = process(HOME, env=['PATH=/bin', *given], user={'uid': uid, 'gid': uid})
    result = g.run(bundle=b or with_passwd(g.bundle()), mounts=mounts, process=setting, **more)
    result.says(f'home={want}.\n')


@case
def home_is_what_the_containers_passwd_says(g):
    home(g, '/root')
    home(g, '/root', given=['HOME='])
    home(g, '/given', given=['HOME=/given'])
    for uid, want in (1000, '/home/me'), (1, '/last'), (77, '/'):
        home(g, want, uid=uid)
        home(g, '/given', uid=uid, given=['HOME=/given'])
    home(g, '/root', g.give(with_passwd(g.bundle())), userns=True)
    theirs = g.top / 'passwd'       # an engine's, mounted
    theirs.write_text('root:x:0:0::/theirs:\n')
    home(g, '/theirs', mounts=[bind(theirs, '/etc/passwd')])
    b = g.bundle()
    home(g, '/', b)
    (b / 'rootfs/etc').mkdir()
    (b / 'rootfs/etc/passwd').symlink_to('/usr/passwd')     # of the container's tree, whoever follows it
    (b / 'rootfs/usr').mkdir()
    (b / 'rootfs/usr/passwd').write_text('root:x:0:0::/linked:\n')
    home(g, '/linked', b)


@case
def a_passwd_that_means_harm_gives_no_home(g):
    outside = g.top / 'outside'
    outside.write_text('root:x:0:0::/outside:\n')
    line, much = 'root:x:0:0::/found:\n', 'x' * (1 << 19)
    for text, want in (('', '/'), (much + '\n' + line, '/found'), (f'root:x:0:0:{much}:/found\n', '/found'), (f'root:x:0:0::/{much}:\n{line}', '/found'),
                       (much * 3 + '\n' + line, '/'), ('root:x:0:0::/\0:\n' + line, '/found'), ('root:x:0:0::relative:\n', '/'), ('\n' * (1 << 20) + line, '/'),
                       (f'{"#" * ((1 << 20) - 16)}\nroot:x:0:0::/cut:\n', '/')):
        home(g, want, with_passwd(g.bundle(), text))

    def made(how):
        b = g.bundle()
        (b / 'rootfs/etc').mkdir()
        how(b / 'rootfs/etc/passwd')
        return b
    home(g, '/', made(os.mkfifo))
    home(g, '/', made(Path.mkdir))
    for target in '/dev/zero', '/dev/console', '/proc/self/environ', '/proc/kmsg', str(outside), '../' * 9 + str(outside), 'passwd', '/proc/1/root' + str(outside):
        home(g, '/', made(lambda at, to=target: at.symlink_to(to)))
    # Descriptors of the launcher, of which one is the host's root.
    for fd in range(3, 12):
        home(g, '/', made(lambda at, n=fd: at.symlink_to(f'/proc/self/fd/{n}{outside}')))
    sparse = made(lambda at: at.write_text(''))
    os.truncate(sparse / 'rootfs/etc/passwd', 1 << 40)
    home(g, '/', sparse)
    secret = made(lambda at: at.write_text('me:x:1000:1000::/secret:\n'))
    (secret / 'rootfs/etc/passwd').chmod(0o600)
    home(g, '/', secret, uid=1000)      # what the program itself may not read is not read for it


@case
def home_of_whoever_is_executed(g):
    with running(g, mounts=[PTS, tmpfs('/etc')], act=f"printf '{PASSWD}' > /etc/passwd; while :; do sleep 1; done") as box:
        until(lambda: 'last' in box.exec('cat', '/etc/passwd').stdout, 'its passwd')
        file = g.top / 'process.json'
        for user, want in ('0', '/root'), ('1000', '/home/me'), ('77', '/'):
            expect(box.exec(*HOME, options=['--user', user]).stdout == f'home={want}.\n', user)
            expect(box.exec(*HOME, options=['--user', user, '--env', 'HOME=']).stdout == f'home={want}.\n', user)
            expect(box.exec(*HOME, options=['--user', user, '--env', 'HOME=/given']).stdout == 'home=/given.\n', user)
            for given, home_then in ([], want), (['HOME=/given'], '/given'):
                file.write_text(json.dumps(process(HOME, user={'uid': int(user), 'gid': 0}, env=['PATH=/bin', *given])))
                result = box('exec', '--process', file, box.name)
                expect(result.stdout == f'home={home_then}.\n', user, given, result)
        said, code = on_terminal([*box.argv, 'exec', '--tty', box.name, *HOME], b'')
        expect('home=/root.' in said and code == 0, said)


@case
def the_last_of_a_name_counts(g):
    text = look_with(g, SETTINGS[-1])
    text.says('A=4\nAA=3\nB=\nHOME=/y\nPATH=/bin\n')
    with running(g, process=process(['sh', '-c', 'while :; do sleep 1; done'], env=['A=1', 'PATH=/bin', 'B=1'])) as box:
        result = box.exec('env', options=['--env', 'A=2', '--env', 'A=3'])
        expect(sorted(result.stdout.split()) == ['A=3', 'B=1', 'HOME=/', 'PATH=/bin'], result)


FILTER = {'defaultAction': 'SCMP_ACT_ALLOW', 'syscalls': [{'names': ['mkdir', 'mkdirat'], 'action': 'SCMP_ACT_ERRNO', 'errnoRet': 28}]}


@case
def a_filter_with_and_without_no_new_privs(g):
    act = 'mkdir /tmp/x; grep -E "Seccomp:|NoNewPrivs|CapEff|CapPrm" /proc/self/status'
    for nnp in True, False:
        for user in {'uid': 0, 'gid': 0}, {'uid': 1000, 'gid': 1000}:
            setting = process(['sh', '-c', act], noNewPrivileges=nnp, user=user, **caps(bounding='CHOWN', permitted='CHOWN', effective='CHOWN'))
            result = look_with(g, setting, linux={'seccomp': FILTER})
            result.says('Seccomp:\t2', f'NoNewPrivs:\t{int(nnp)}', f'CapPrm:\t000000000000000{int(user["uid"] == 0)}')
            expect('No space left' in result.err, result.err)
    look_with(g, process(['sh', '-c', act]), linux={'seccomp': {'defaultAction': 'SCMP_ACT_ALLOW', 'architectures': ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'],
                                                               'flags': ['SECCOMP_FILTER_FLAG_LOG']}}).says('Seccomp:\t2')


@case
def what_cannot_be_is_refused_by_name(g):
    for setting, linux, words in (
            (process(**caps(effective='KILL')), None, ['/process/capabilities/effective', 'CAP_KILL']),
            (process(rlimits=[{'type': 'RLIMIT_X', 'soft': 1, 'hard': 1}]), None, ['/process/rlimits/0']),
            (process(['sh', None, '-c']), None, ['/process/args/1', 'want a string']),
            (process(selinuxLabel='a:b:c:d'), None, ['SELinux']),
            (process(['nothing']), None, ['/process/args/0', 'cannot execute', 'o such file']),
            (process(cwd='tmp'), None, [' /process/cwd']),
            (process(cwd='/bin/sh'), None, [' /process/cwd']),
            (process(), {'sysctl': {'net.ipv4.no_such': '1'}}, [' /linux/sysctl']),
            (process(terminal=True), {'seccomp': {'defaultAction': 'SCMP_ACT_X'}}, ['/linux/seccomp/defaultAction'])):
        look_with(g, setting, linux=linux).refused(*words)


@case
def a_limit_that_cannot_be_had_is_named_where_it_stands(g):
    limits = [{'type': 'RLIMIT_CORE', 'soft': 0, 'hard': 0}, {'type': 'RLIMIT_NOFILE', 'soft': 1 << 31, 'hard': 1 << 31}]
    look_with(g, process(rlimits=limits)).refused('/process/rlimits/1', 'nofile')


@case
def an_execve_that_fails_is_told_whatever_the_filter_denies(g):
    b = g.bundle()
    for name, text in ('script', '#!/no/such/interpreter\n'), ('alien', 'no program\n'):
        (b / 'rootfs/bin' / name).write_text(text)
        (b / 'rootfs/bin' / name).chmod(0o755)
    deny = ['sendto', 'sendmsg', 'write', 'writev', 'exit', 'exit_group']
    most = {'defaultAction': 'SCMP_ACT_ALLOW', 'syscalls': [{'names': deny, 'action': 'SCMP_ACT_ERRNO'}]}
    # A sanitizer asks for the signal stack before whatever does not return.
    least = {'defaultAction': 'SCMP_ACT_ERRNO', 'syscalls': [{'names': ['execve', 'sigaltstack'], 'action': 'SCMP_ACT_ALLOW'}]}
    runtime = [g.runtime, '--root', g.top / 'state']
    for filter in None, most, least:
        for program, code in ('script', 127), ('alien', 126):
            name = f'told{os.getpid()}'
            (b / 'config.json').write_text(json.dumps(g.config('', linux={'seccomp': filter} if filter else {}, process=process([f'/bin/{program}']))))
            made = subprocess.run([*runtime, 'create', '--bundle', b, name], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=60)
            try:
                expect(made.returncode == 0, 'it cannot be created')
                start = subprocess.run([*runtime, 'start', name], capture_output=True, text=True, timeout=60)
                expect(start.returncode == code and f'/bin/{program}' in start.stderr, program, filter, start)
                until(lambda: json.loads(subprocess.check_output([*runtime, 'state', name]))['status'] == 'stopped', 'its process ends')
            finally:
                subprocess.run([*runtime, 'delete', '--force', name], check=True)
            expect(not (g.top / 'state' / name).exists(), 'its state stays')
    with running(g, linux={'seccomp': most}, act='exec sleep 1000') as box:
        done = box.exec('/no/such')
        expect(done.returncode == 127 and '/no/such' in done.stderr, done)


# --- the seccomp agent ---

NOTIF_RECV, NOTIF_SEND, CONTINUE = 0xc0502100, 0xc0182101, 1    # linux/seccomp.h
ASKED = {'defaultAction': 'SCMP_ACT_ALLOW', 'flags': ['SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV'], 'listenerMetadata': 'for the "agent"', 'syscalls': [
    {'names': ['mkdir', 'mkdirat', 'execve'], 'action': 'SCMP_ACT_NOTIFY'},
    # By which the process could have told of the listener itself.
    {'names': ['sendto', 'sendmsg', 'recvfrom', 'recvmsg', 'nanosleep', 'clock_nanosleep', 'futex', 'sched_yield'], 'action': 'SCMP_ACT_ERRNO'}]}


class Agent(threading.Thread):
    """Lets what is executed go on, refuses the first directory and allows the second."""
    def __init__(self, path):
        super().__init__(daemon=True)
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(str(path))
        self.server.listen()
        self.server.settimeout(60)
        self.states, self.rest, self.trouble = [], [], []

    def run(self):
        with contextlib.suppress(OSError):
            while True:
                peer, _ = self.server.accept()
                threading.Thread(target=self.serve, args=(peer,), daemon=True).start()

    def serve(self, peer):
        try:
            data, control, _, _ = peer.recvmsg(65536, socket.CMSG_SPACE(64))
            fds = array.array('i')
            fds.frombytes(control[0][2])
            while more := peer.recv(65536):     # until it is closed
                data += more
            self.states.append((json.loads(data), os.readlink(f'/proc/self/fd/{fds[0]}'), len(fds)))
            directories = 0
            while select.select([fds[0]], [], [], 30)[0]:
                asked = bytearray(80)
                fcntl.ioctl(fds[0], NOTIF_RECV, asked)
                number, = struct.unpack_from('Q', asked)
                nr, = struct.unpack_from('i', asked, 16)
                error = 0
                if nr != 59 and nr != 221:      # execve of x86_64, of the others
                    directories += 1
                    error = -28 if directories == 1 else 0
                fcntl.ioctl(fds[0], NOTIF_SEND, bytearray(struct.pack('QqiI', number, 0, error, 0 if error else CONTINUE)))
        except FileNotFoundError:
            pass        # ENOENT: whoever asked has ended
        except (OSError, ValueError, IndexError) as e:
            self.trouble.append(e)


@case
def an_agent_decides(g):
    path = g.top / 'agent'
    agent = Agent(path)
    agent.start()
    seccomp = {**ASKED, 'listenerPath': str(path)}
    act = 'mkdir /tmp/one; mkdir /tmp/two; ls /tmp; grep Seccomp: /proc/self/status; ls /proc/self/fd'
    for nnp in True, False:
        for user in {'uid': 0, 'gid': 0}, {'uid': 1000, 'gid': 1000}:
            b = g.bundle()
            (b / 'rootfs/bin/grep').symlink_to('busybox')
            result = g.run(act, [tmpfs('/tmp', 'mode=1777')], b, process=process(['sh', '-c', act], noNewPrivileges=nnp, user=user),
                           linux={'seccomp': seccomp}, annotations={'a': 'b'})
            result.says('two\nSeccomp:\t2', '\n0\n1\n2\n3\n')
            expect('one' not in result.out and 'No space left' in result.err and '\n4\n' not in result.out, result.out, result.err)
            state, what, n = agent.states.pop()
            expect(n == 1 and 'seccomp' in what and not agent.states, what, n)
            expect(state['fds'] == ['seccompFd'] and state['metadata'] == 'for the "agent"' and state['ociVersion'], state)
            expect(state['pid'] == state['state']['pid'] > 1 and state['state']['bundle'] == str(b) and state['state']['annotations'] == {'a': 'b'}, state)
    b = g.give(g.bundle())
    g.run('mkdir /tmp/one; mkdir /tmp/two; ls /tmp', [tmpfs('/tmp')], b, linux={'seccomp': seccomp}, userns=True).says('two\n')
    agent.states.pop()
    with running(g, mounts=[PTS, tmpfs('/tmp')], linux={'seccomp': seccomp}) as box:
        state = agent.states.pop()[0]
        result = box.exec('sh', '-c', 'mkdir /tmp/three; mkdir /tmp/four; ls /tmp')
        expect(result.returncode == 0 and result.stdout == 'four\n' and 'No space left' in result.stderr, result)
        theirs = agent.states.pop()[0]
        expect(theirs['state']['id'] == box.name and theirs['state']['pid'] == state['pid'] != theirs['pid'], theirs)
        agent.server.close()
        path.unlink()
        result = box.exec('true')
        expect(result.returncode == 125 and '/linux/seccomp/listenerPath' in result.stderr, result)
    expect(not agent.trouble, agent.trouble)


@case
def without_its_agent_nothing_starts(g):
    b, name = g.bundle(), f'a{os.getpid()}'
    path = g.top / 'nobody'
    seccomp = {**ASKED, 'listenerPath': str(path)}

    def call(*args):
        return subprocess.run([str(a) for a in (g.runtime, '--root', g.top / 'state', *args)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=errors, timeout=60).returncode
    (b / 'config.json').write_text(json.dumps(g.config('echo it runs > /tmp/it', [tmpfs('/tmp')], linux={'seccomp': seccomp})))
    with open(g.top / 'errors', 'w+') as errors:
        expect(call('create', '--bundle', b, name) == 0, 'it is not even created')
        expect(call('start', name) == 125 and '/linux/seccomp/listenerPath' in Path(errors.name).read_text(), Path(errors.name).read_text())
        agent = Agent(path)     # it may come later
        agent.start()
        expect(call('start', name) == 0, Path(errors.name).read_text())
        call('delete', '--force', name)
        agent.server.close()
        # One that takes nothing is as bad as none: what it is told does not fit into any buffer.
        path.unlink()
        config = g.config('echo it runs', linux={'seccomp': seccomp}, annotations={'much': 'x' * 600000})
        (b / 'config.json').write_text(json.dumps(config))
        with socket.socket(socket.AF_UNIX) as deaf:
            deaf.bind(str(path))
            deaf.listen()
            threading.Thread(target=lambda: deaf.accept()[0].close(), daemon=True).start()
            expect(call('create', '--bundle', b, name) == 0, 'create')
            errors.truncate(0)
            stopped = call('start', name)
            expect(stopped == 125 and 'listener' in Path(errors.name).read_text(), stopped, Path(errors.name).read_text())
            expect('stopped' in subprocess.run([str(g.runtime), '--root', str(g.top / 'state'), 'state', name], capture_output=True, text=True).stdout, 'state')
            call('delete', '--force', name)
    for change, words in (({'listenerPath': 'agent'}, 'absolute'), ({}, 'none is named'), ({'listenerPath': '/a' * 60}, 'absolute')):
        given = {k: v for k, v in ASKED.items() if k != 'listenerMetadata'}
        g.run('true', linux={'seccomp': {**given, **change}}).refused(words, '/linux/seccomp')
    g.run('true', linux={'seccomp': {**seccomp, 'defaultAction': 'SCMP_ACT_NOTIFY'}}).refused('/linux/seccomp/defaultAction')
    g.run('true', linux={'seccomp': ASKED}).refused('/linux/seccomp/listenerMetadata')
    g.run('true', linux={'seccomp': seccomp}, hooks={'startContainer': [{'path': '/bin/true'}]}).refused('/hooks/startContainer')


# --- exec ---

@case
def exec_is_as_the_process_of_the_container(g):
    with running(g, process=process(['sh', '-c', LOOK + '; while :; do sleep 1; done'])) as box:
        result = box.exec('sh', '-c', LOOK + r'''; for n in mnt pid ipc uts net; do readlink /proc/self/ns/$n; readlink /proc/1/ns/$n; done
            ls -l /proc/self/fd''')
        expect(result.returncode == 0, result.stderr)
        names = [t for t in result.stdout.splitlines() if t.split(':')[0] in ('mnt', 'pid', 'ipc', 'uts', 'net')]
        expect(len(names) == 10 and names[::2] == names[1::2], names)
        expect('CapEff:\t0000000000000000' in result.stdout and str(g.top) not in result.stdout, result.stdout)
        result = box.exec('sh', '-c', 'id; pwd; echo $X; grep -E "CapEff|NoNewPrivs|Groups" /proc/self/status',
                          options=['--user', '7:8', '--additional-gids', '9', '--cwd', '/bin', '--env', 'X=y', '--cap', 'CAP_KILL'])
        expect('uid=7 gid=8 groups=9' in result.stdout and '/bin\ny\n' in result.stdout, result)
        expect([box.exec('sh', '-c', 'exit 5').returncode, box.exec('/nothing').returncode, box.exec('/proc/self/status').returncode] == [5, 127, 126], 'codes')
        for user in ('', '01x', '+1', '1 ', '4294967295', '4294967296', '-1', '1:', ':1', 'root'):
            result = box.exec('id', options=['--user', user])
            expect(result.returncode == 125 and not result.stdout, f'CVE-2026-30892: --user "{user}"', result)
        expect(box('exec', 'nobody', 'true').returncode == 125, 'no such container')


@case
def exec_of_a_file(g):
    with running(g) as box:
        file = g.top / 'process.json'
        file.write_text(json.dumps(process(['sh', '-c', LOOK], user={'uid': 3, 'gid': 4, 'umask': 0o77}, oomScoreAdj=77,
                                           rlimits=[{'type': 'RLIMIT_NOFILE', 'soft': 33, 'hard': 44}], execCPUAffinity={'final': '0'})))
        result = box('exec', '--process', file, box.name)
        expect('Uid:\t3\t3' in result.stdout and 'Umask:\t0077' in result.stdout and '\n77\n' in result.stdout, result)
        file.write_text('{"args": ["id"], "cwd": "/", "user": {"uid": "0"}}')
        result = box('exec', '--process', file, box.name)
        expect(result.returncode == 125 and '/process/user/uid' in result.stderr, result)


@case
def exec_detached_outlives_its_launcher(g):
    with running(g) as box:
        number = g.top / 'number'
        result = box('exec', '--detach', '--pid-file', number, box.name, 'sleep', '333', **AWAY)
        expect(result.returncode == 0, result)
        pid = int(number.read_text())
        expect(b'sleep\x00333' in Path(f'/proc/{pid}/cmdline').read_bytes(), 'it is another')
        os.kill(pid, signal.SIGKILL)


@case
def descriptors_are_preserved_by_number_and_no_other(g):
    with running(g) as box:
        one, two = os.memfd_create('one', 0), os.memfd_create('two', 0)
        os.dup2(one, 3), os.dup2(two, 4)
        try:
            result = box.exec('sh', '-c', 'for n in 3 4 5 6 7 8 9; do readlink /proc/$$/fd/$n; done; true', options=['--preserve-fds', '1'], pass_fds=(3, 4))
            expect('memfd:one' in result.stdout and 'memfd:two' not in result.stdout, result)
            result = box.exec('true', options=['--preserve-fds', '90'], pass_fds=(3,))
            expect(result.returncode == 125 and 'not open' in result.stderr, result)
        finally:
            os.close(3), os.close(4)


@case
def nothing_of_the_launcher_is_in_reach_of_the_container(g):
    """runc CVE-2016-9962, CVE-2019-5736, CVE-2024-21626"""
    peek = r'''while :; do for p in /proc/[0-9]*; do
        for f in $p/fd/* $p/cwd $p/root; do to=$(readlink $f 2>/dev/null) || continue
            case $f:$to in /proc/1/*|*:/bin/busybox|*/cwd:/|*/root:/|*:/dev/null|*:pipe:*|*:socket:*|*:/proc/[0-9]*|*:/bin) ;; *) echo "$f $to" >> /tmp/leaks ;; esac; done
        (: >> $p/exe) 2>/dev/null && echo "$p/exe" >> /tmp/leaks
        done; done'''
    # As root with every capability: what keeps it out are the kernel's own rules and the read-only mount.
    with running(g, mounts=[PTS, tmpfs('/tmp')], act=peek, caps=('CAP_DAC_OVERRIDE', 'CAP_KILL')) as box:
        opened = os.open('/', os.O_RDONLY | os.O_DIRECTORY)
        held = os.dup2(opened, 3)       # where --preserve-fds begins
        before = Path(g.runtime).read_bytes()
        # What a program was meant to have is seen.
        box.exec('sleep', '1', options=['--preserve-fds', '1'], pass_fds=(held,))
        expect('/fd/3 ' in box.exec('sh', '-c', 'cat /tmp/leaks; rm /tmp/leaks').stdout, 'nobody looks')
        for i in range(30):
            expect(box.exec('true', pass_fds=(held,)).returncode == 0, 'true')
        for fd in range(3, 30):
            result = box.exec('sh', '-c', 'test "$(stat -c %d:%i .)" = "$(stat -c %d:%i "$(readlink /proc/self/cwd)")"', options=['--cwd', f'/proc/self/fd/{fd}'], pass_fds=(held,))
            expect(result.returncode in (0, 125), 'cwd', fd, result)
        box.exec('/proc/self/exe', '--version')     # ours, if it can be executed in there: it changes nothing
        expect(Path(g.runtime).read_bytes() == before, 'the runtime was changed')
        leaks = box.exec('sh', '-c', 'test ! -e /tmp/leaks || sort -u /tmp/leaks').stdout
        expect(not leaks, leaks)
        for fd in {opened, held}:
            os.close(fd)


# --- terminals ---

def on_terminal(argv, typed, size=(33, 77)):
    """What a program says on a terminal of this size to what is typed, and its code."""
    pid, fd = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack('HHHH', *size, 0, 0))
        os.execv(str(argv[0]), [str(a) for a in argv])
    said, deadline = b'', time.monotonic() + 60
    while time.monotonic() < deadline:
        if not select.select([fd], [], [], 0.2)[0]:
            continue
        try:
            more = os.read(fd, 4096)
        except OSError:
            break
        said += more
        if b'ready' in said and typed:
            os.write(fd, typed)
            typed = b''
    return said.decode(errors='replace'), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


TYPED = b'tty; stty size; ls -l /dev/console; test -t 2 && echo yes it is; : > /dev/tty && echo mine; exit 9\n'
SHELL = 'echo ready; exec sh'


@case
def in_the_foreground_the_terminal_is_the_callers(g):
    b = g.bundle()
    for program in 'tty stty'.split():
        (b / 'rootfs/bin' / program).symlink_to('busybox')
    (b / 'config.json').write_text(json.dumps(g.config('', [PTS], process=process(['sh', '-c', SHELL], terminal=True))))
    said, code = on_terminal([g.runtime, '--root', g.top / 'state', 'run', '--bundle', b, f't{os.getpid()}'], TYPED)
    for word in '/dev/pts/0', '33 77', '136,   0', 'yes it is', 'mine':
        expect(word in said, word, said)
    expect(code == 9, code, said)
    with running(g) as box:
        said, code = on_terminal([*box.argv, 'exec', '--tty', box.name, 'sh', '-c', SHELL], TYPED)
        expect('/dev/pts/0' in said and '33 77' in said and 'yes it is' in said and code == 9, code, said)


def receive(server):
    peer, _ = server.accept()
    message, control, _, _ = peer.recvmsg(256, socket.CMSG_SPACE(4))
    fds = array.array('i')
    fds.frombytes(control[0][2])
    return fds[0], message


@case
def detached_it_goes_to_the_console_socket(g):
    path = g.top / 'console'
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        with running(g, console=path, process=process(['sh', '-c', SHELL], terminal=True, consoleSize={'height': 11, 'width': 22})) as box:
            for call in None, 'exec':
                if call:
                    result = box('exec', '--tty', '--detach', '--console-socket', path, box.name, 'sh', '-c', SHELL, **AWAY)
                    expect(result.returncode == 0, result)
                master, message = receive(server)
                os.write(master, b'stty size; tty; echo over\n')
                said, deadline = b'', time.monotonic() + 30
                while not re.search(rb'/dev/pts/\d+\r\nover', said) and time.monotonic() < deadline:    # the echo may come twice
                    if select.select([master], [], [], 0.5)[0]:
                        said += os.read(master, 4096)
                expect((b'11 22' in said or call) and b'/dev/pts/' in said, said)
            result = box('exec', '--tty', '--detach', box.name, 'true')
            expect(result.returncode == 125 and '--console-socket' in result.stderr, result)


@case
def a_terminal_of_the_images_is_none(g):
    """runc CVE-2025-52565, crun CVE-2026-88264: /dev/pts or /dev/console that lead elsewhere"""
    witness = g.top / 'witness'
    witness.write_text('untouched')
    for mounts, words in (([], 'devpts'), ([bind('/dev/pts', '/pts'), tmpfs('/dev/pts')], 'devpts')):
        b = g.bundle()
        (b / 'config.json').write_text(json.dumps(g.config('', mounts, process=process(['sh', '-c', 'ls -l /dev/console'], terminal=True))))
        said, code = on_terminal([g.runtime, '--root', g.top / 'state', 'run', '--bundle', b, f't{os.getpid()}'], b'')
        expect(code == 125 and words in said, code, said)
    b = g.bundle()
    (b / 'rootfs/dev/pts').mkdir(parents=True)
    (b / 'rootfs/dev/console').symlink_to(witness)
    (b / 'config.json').write_text(json.dumps(g.config('', [proc(), PTS], base=False, process=process(['sh', '-c', 'echo over'], terminal=True))))
    said, code = on_terminal([g.runtime, '--root', g.top / 'state', 'run', '--bundle', b, f't{os.getpid()}'], b'')
    expect(witness.read_text() == 'untouched' and (code == 125 or 'over' in said), code, said)


# --- sockets of the service manager ---

@case
def sockets_of_the_manager_are_handed_on(g):
    b = g.bundle()
    (b / 'rootfs/bin/env').symlink_to('busybox')
    (b / 'rootfs/bin/grep').symlink_to('busybox')
    (b / 'config.json').write_text(json.dumps(g.config('env | grep LISTEN; readlink /proc/$$/fd/3; readlink /proc/$$/fd/4; true')))
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(g.top / 'listening'))
        server.listen()
        script = f'import os; os.dup2({server.fileno()}, 3); os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1"); ' \
                 f'os.execv({str(g.runtime)!r}, [{str(g.runtime)!r}, "--root", {str(g.top / "state")!r}, "run", "--bundle", {str(b)!r}, "s{os.getpid()}"])'
        done = subprocess.run([sys.executable, '-c', script], pass_fds=(server.fileno(),), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    expect('LISTEN_FDS=1' in done.stdout and 'LISTEN_PID=1' in done.stdout and 'socket:' in done.stdout, done)


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:], os.environ.get('MUST_WORK') == '1'))
