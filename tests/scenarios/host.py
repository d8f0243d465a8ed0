"""host.py - the ground that scenarios and fault loop stand on: a root file system for the containers,
launches of casemate, and what a launch leaves behind.

Nothing here asks casemate what it did: traces are looked for in the kernel and in the file system. So that
others who use the machine cannot be mistaken for traces, root works in a mount and an IPC namespace of its own with a
private /run/casemate, an ordinary user with a private XDG_RUNTIME_DIR, and whatever process a launch
leaves behind becomes a child of this one (PR_SET_CHILD_SUBREAPER).
"""
import contextlib
import ctypes
import errno
import fcntl
import hashlib
import json
import os
from pathlib import Path
import select
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import termios
import time

HERE = Path(__file__).resolve().parent
CLONE_NEWNS, CLONE_NEWIPC = 0x00020000, 0x08000000
PR_SET_DUMPABLE, PR_SET_CHILD_SUBREAPER = 4, 36
STATE = Path('/run/casemate')
APPLETS = '''[ awk base64 cat chgrp chmod chown cp cut date dd df echo env expr false find free grep head hostname id kill
    ln ls md5sum mkdir mkfifo mknod mount mountpoint mv nc nproc od printf ps pwd readlink rm rmdir sed seq setsid sh sleep
    sort stat stty tail tee test timeout touch tr true umount uname uniq wc which'''.split()
libc = ctypes.CDLL(None, use_errno=True)


class Missing(Exception):
    """Something the tests themselves need is not there."""


def must(status, what):
    if status:
        raise OSError(ctypes.get_errno(), f'{what}: {os.strerror(ctypes.get_errno())}')


def program(variable, *candidates):
    """The path of a program of ours: what the variable says, else the first candidate that exists."""
    named = os.environ.get(variable)
    for path in [Path(named)] if named else candidates:
        if os.access(path, os.X_OK):
            return path.resolve()
    raise Missing(f'{named or candidates[0]} is not there: build it, or name it in ${variable}')


def become(uid):
    """Go on as an ordinary user, with nothing of root left."""
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    must(libc.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0), 'PR_SET_DUMPABLE')     # else our own /proc is closed to us
    os.environ.update(HOME='/nonexistent', USER=str(uid), LOGNAME=str(uid))


def sha256(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def tree(top, content=True):
    """{path: what it is} of everything below top. Reading a file changes none of this."""
    seen = {}
    todo = [os.fspath(top)]
    while todo:
        path = todo.pop()
        st = os.lstat(path)
        what = [oct(st.st_mode), st.st_uid, st.st_gid, st.st_rdev, st.st_nlink, st.st_mtime_ns, st.st_ctime_ns]
        if stat.S_ISDIR(st.st_mode):
            todo += [entry.path for entry in os.scandir(path)]
        elif stat.S_ISREG(st.st_mode):
            what += [st.st_size, content and sha256(path)]
        elif stat.S_ISLNK(st.st_mode):
            what.append(os.readlink(path))
        seen[path] = what
    return seen


def mounts():
    """[(mount point, type)] of every mount of ours."""
    with open('/proc/self/mountinfo') as file:
        rows = [line.split(' ') for line in file]
    return [(row[4], row[row.index('-') + 1]) for row in rows]


def cgroups():
    """The cgroup v2 directories that a launch of ours could have made."""
    found = set()
    with open('/proc/self/cgroup') as file:
        own = next((line.strip().split(':', 2)[2] for line in file if line.startswith('0::')), '/')
    for point, kind in mounts():
        if kind != 'cgroup2':
            continue
        todo = [point]
        while todo:
            directory = todo.pop()
            with contextlib.suppress(FileNotFoundError):    # others make and remove theirs
                # Of the many files in each nothing is asked: kernfs counts a directory's directories as its links.
                if os.stat(directory).st_nlink > 2:
                    todo += [entry.path for entry in os.scandir(directory) if entry.is_dir()]
            # Not what all launches of a unit share: the level above the leaves, and where its own processes moved.
            if os.path.basename(directory) not in ('casemate', 'casemate-supervisor') \
                    and ('casemate' in directory or own != '/' and directory.startswith(point + own + '/')):
                found.add(directory)
    return found


class Host:
    """One private patch of the host: host.tmp and below."""

    def __init__(self):
        self.casemate = program('CASEMATE', HERE.parents[1] / 'build' / 'casemate', HERE.parents[1] / 'casemate')
        self.probe = program('PROBE', self.casemate.parent / 'tests/scenarios/probe', HERE.parents[1] / 'probe')
        self.busybox = program('BUSYBOX', Path('/bin/busybox'), Path('/usr/bin/busybox'))
        self.root = os.getuid() == 0
        must(libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 'PR_SET_CHILD_SUBREAPER')
        signal.pthread_sigmask(signal.SIG_SETMASK, [])      # whatever our caller left us: launches inherit it
        # /tmp may be mounted nosuid, nodev or noexec, and a test of those must not pass because of that.
        self.tmp = Path(tempfile.mkdtemp(prefix='scenarios-', dir='/var/tmp'))
        if self.root:
            must(libc.unshare(CLONE_NEWNS | CLONE_NEWIPC), 'unshare')
            self.sh('mount --make-rprivate /')
            self.sh(f'mount -t tmpfs -o mode=755 scenarios {self.tmp}')
            STATE.mkdir(mode=0o700, exist_ok=True)      # and stays: other namespaces may have something mounted there
            self.sh(f'mount -t tmpfs -o mode=700 scenarios {STATE}')
            self.state = STATE
            os.environ.pop('XDG_RUNTIME_DIR', None)
        else:
            runtime = self.tmp / 'runtime'
            runtime.mkdir(mode=0o700)
            os.environ['XDG_RUNTIME_DIR'] = str(runtime)
            self.state = runtime / 'casemate'
        self.tmp.chmod(0o755)
        self.tmpdir = self.tmp / 'tmp'
        self.tmpdir.mkdir(mode=0o777)
        os.environ['TMPDIR'] = str(self.tmpdir)
        self.rootfs = self.tmp / 'rootfs'
        self.build_rootfs()
        self.contents = self.hashes()

    def close(self):
        if self.root:
            self.sh(f'umount -l {STATE}; umount -l {self.tmp}')
        shutil.rmtree(self.tmp)

    @staticmethod
    def sh(script):
        subprocess.run(['sh', '-ec', script], check=True)

    def build_rootfs(self):
        """All that a container needs of its image: programs, and the places where something is mounted."""
        for name in 'bin etc proc sys dev tmp run data root var/tmp usr/bin'.split():
            (self.rootfs / name).mkdir(parents=True)
        shutil.copy(self.busybox, self.rootfs / 'bin/busybox')
        shutil.copy(self.probe, self.rootfs / 'bin/probe')
        for name in APPLETS:
            (self.rootfs / 'bin' / name).symlink_to('busybox')
        # What an image says of these is not to be believed; each holds something that nobody wants.
        etc = self.rootfs / 'etc'
        (etc / 'passwd').write_text('image:x:10001:0::/:/bin/sh\n4294967296:x:0:0::/:/bin/sh\n')
        (etc / 'group').write_text('image:x:10001:\n')
        (etc / 'hosts').write_text('203.0.113.66 image\n')
        (etc / 'hostname').write_text('image\n')
        (etc / 'resolv.conf').write_text('nameserver 203.0.113.66\n')
        for path in self.rootfs.rglob('*'):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.parent.name == 'bin' else 0o644)
        # If only the permission bits kept the workload out, a read-only root would not be seen to work.
        for name in 'data', 'tmp':
            (self.rootfs / name).chmod(0o777)

    # ---- launches

    def start(self, argv, stdin=subprocess.DEVNULL, env=None, fds=(), terminal=False, before=None, **more):
        """Popen of argv with pipes; terminal: descriptor 0 is a terminal, and it is the session's own."""
        ours = theirs = None
        if terminal:
            ours, theirs = os.openpty()
            stdin = theirs

        def child():
            if terminal:
                fcntl.ioctl(0, termios.TIOCSCTTY, 0)
            if before:
                before()
        # A session of its own: no signal meant for one launch reaches another, or us. Without a function to call in the child,
        # it is vforked, which in a virtual machine takes a fifth of the time.
        process = subprocess.Popen([os.fspath(a) for a in argv], stdin=stdin, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, env={**os.environ, **(env or {})}, pass_fds=fds,
                                   start_new_session=True, preexec_fn=child if terminal or before else None, cwd='/', **more)
        if terminal:
            os.close(theirs)
            process.terminal = ours
        return process

    # ---- traces

    def hashes(self):
        """What no launch may change by any way: what is in the rootfs and in the program. A write to the page
        cache (CVE-2026-31431) shows in no file's times, but hashing after each launch would cost more than the launch."""
        return {'rootfs': tree(self.rootfs), 'launcher': sha256(self.casemate)}

    def traces(self):
        """What a launch could leave behind or change, as {kind: value}; two of these are compared."""
        return {
            'mount': sorted(mounts()) if self.root else sorted(m for m in mounts() if str(self.tmp) in m[0]),
            'cgroup': sorted(cgroups()),
            'state': sorted(tree_of_names(self.state)),
            'rootfs': tree(self.rootfs, content=False),
            'launcher': tree(self.casemate, content=False),
            'temporary file': tree_of_names(self.tmpdir) + sorted(map(str, Path('/dev/shm').glob('*casemate*'))),
            'interface': sorted(name for _, name in socket.if_nameindex()),
            'hostname': socket.gethostname(),
            'core_pattern': Path('/proc/sys/kernel/core_pattern').read_text(),
            'shared memory': Path('/proc/sysvipc/shm').read_text().splitlines()[1:] if self.root else [],
        }

    def clear_state(self):
        for path in self.state.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    def left_behind(self, before):
        """What is there now and was not before: one sentence each."""
        found = [f'process {line}' for line in bury()]
        after = self.traces()
        for kind, old in before.items():
            new = after[kind]
            if new == old:
                continue
            if isinstance(old, dict):
                changed = sorted(path for path in old.keys() | new.keys() if old.get(path) != new.get(path))
                found += [f'{kind}: changed: {path}' for path in changed]
            elif isinstance(old, list):
                found += [f'{kind}: {entry}' for entry in new if entry not in old]
                found += [f'{kind}: gone: {entry}' for entry in old if entry not in new]
            else:
                found.append(f'{kind}: {new}, was {old}')
        return found


@contextlib.contextmanager
def exchanged(host, a, b):
    """These two names are exchanged all the time; in the end they are as they were."""
    was = os.lstat(a).st_ino
    racer = host.start([host.probe, 'race', a, b])
    try:
        yield
        if racer.poll() is not None:
            raise Missing(f'there was no race: {racer.communicate()}')
    finally:
        racer.kill()
        racer.communicate()
        if os.lstat(a).st_ino != was:
            os.rename(a, f'{a}.aside')
            os.rename(b, a)
            os.rename(f'{a}.aside', b)


# ---- parts of a host's set-up that a case brings along and takes away again

@contextlib.contextmanager
def apparmor(text):
    """The AppArmor profiles of this text, loaded."""
    def parser(*options):
        # -K: no cache. A profile of a test has no business in it.
        done = subprocess.run(['apparmor_parser', '-K', *options], input=text.encode(), stderr=subprocess.PIPE)
        if done.returncode:
            raise Missing(f'apparmor_parser {" ".join(options)}: {done.stderr.decode()}')
    parser('-r')
    try:
        yield parser
    finally:
        with contextlib.suppress(Missing):      # a case may have removed it itself
            parser('-R')


def attr(pid):
    """What the kernel says of a process's AppArmor confinement."""
    return Path(f'/proc/{pid}/attr/apparmor/current').read_text().strip()


class Audit:
    """The kernel's audit records from now on, as whoever reads the log of the host gets them (audit(7) multicast group 1)."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 9)      # NETLINK_AUDIT
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.socket.bind((0, 1))
        self.seen = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def wait_for(self, *wanted, seconds=20):
        """The first record in which all of these words stand; None if there is none in time."""
        deadline = time.monotonic() + seconds
        while True:
            for record in self.seen:
                if all(word in record for word in wanted):
                    return record
            self.socket.settimeout(max(0.01, deadline - time.monotonic()))
            try:
                self.seen.append(self.socket.recv(16384)[16:].decode(errors='replace'))
            except TimeoutError:
                return None


@contextlib.contextmanager
def cgroup(name, parent=None, controllers='+memory +cpu +pids', **files):
    """A cgroup with these controllers, and with this in its files: **{'memory.max': '32M'}. It is delegated to us: root's
    as systemd does it for a unit, a user's below the user's own, which a launch must have divided already. What is started with
    before=enter(it) is born there."""
    if not parent:
        parent = Path(next(point for point, kind in mounts() if kind == 'cgroup2'))
        if os.getuid():
            with open('/proc/self/cgroup') as file:
                own = next(line.strip().split(':', 2)[2] for line in file if line.startswith('0::'))
            parent /= own.removesuffix('/casemate-supervisor').lstrip('/')
    directory = parent / name
    (parent / 'cgroup.subtree_control').write_text(controllers)
    directory.mkdir()
    try:
        if os.getuid() == 0:
            os.setxattr(directory, 'trusted.delegate', b'1')
        for file, value in files.items():
            (directory / file).write_text(value)
        yield directory
    finally:
        for path, _, _ in os.walk(directory, topdown=False):
            deadline = time.monotonic() + 5
            while True:
                with contextlib.suppress(OSError):
                    Path(path, 'cgroup.kill').write_text('1')
                try:
                    os.rmdir(path)
                    break
                except OSError:
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(0.01)


def enter(directory):
    """For before=: be born in that cgroup; where a launch has divided it, beside its supervisor."""
    def write():
        below = Path(directory, 'casemate-supervisor')
        (below if below.exists() else Path(directory)).joinpath('cgroup.procs').write_text('0')
    return write


def log_dir(path):
    """A directory for log.path: nobody's where root launches, since its owner is what the log driver becomes."""
    path.mkdir(mode=0o700)
    if os.getuid() == 0:
        os.chown(path, 65534, 65534)
    return path


def keyed(file):
    """A flat keyed file of a cgroup: {key: number}."""
    return {key: int(value) for key, value in (line.split() for line in Path(file).read_text().splitlines())}


def gaps(host):
    """{control: why it cannot be had here}, as casemate doctor tells"""
    doctor = subprocess.run([host.casemate, 'doctor', '--json'], stdout=subprocess.PIPE, timeout=20)
    if doctor.returncode not in (0, 1):
        raise Missing(f'casemate doctor: exit {doctor.returncode}')
    return {c['control']: c['hint'] or c['detail'] for c in json.loads(doctor.stdout)['controls'] if not c['usable']}


def wait(process, seconds):
    """Popen.wait() that is woken up by the end of the process; the library's looks for it every now and then."""
    if process.poll() is not None:
        return process.returncode
    fd = os.pidfd_open(process.pid)
    try:
        if not select.select([fd], [], [], seconds)[0]:
            raise subprocess.TimeoutExpired(process.args, seconds)
    finally:
        os.close(fd)
    return process.wait()


def tree_of_names(top):
    return [os.path.join(d, name) for d, dirs, files in os.walk(top) for name in dirs + files]


def bury(patience=10.0):
    """Reap every child of ours that has ended or soon ends; kill the others and tell what they were."""
    left, deadline = [], time.monotonic() + patience
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return left
        if pid:
            continue
        if time.monotonic() < deadline:
            time.sleep(0.005)
            continue
        for pid in children():
            left.append(f'{pid}: {describe(pid)}')
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        deadline = time.monotonic() + patience


def children(pid='self'):
    return [int(child) for task in Path(f'/proc/{pid}/task').iterdir()
            for child in (task / 'children').read_text().split()]


def describe(pid):
    try:
        return Path(f'/proc/{pid}/cmdline').read_bytes().replace(b'\0', b' ').decode(errors='replace').strip() \
            or Path(f'/proc/{pid}/comm').read_text().strip()
    except OSError as e:
        return errno.errorcode[e.errno]


def merge(base, patch):
    """JSON merge patch (RFC 7396)."""
    if not isinstance(patch, dict):
        return patch
    out = dict(base) if isinstance(base, dict) else {}
    for key, value in patch.items():
        if value is None:
            out.pop(key, None)
        else:
            out[key] = merge(out.get(key), value)
    return out


def lines_of_json(text):
    return [json.loads(line) for line in text.splitlines() if line.strip()]
