"""ground.py - what the tests of casemate-runtime's mounts and devices stand on: a bundle, a run of it, and what the container
then saw. Root works in a mount namespace of its own, so that nothing a test mounts is the host's."""
import contextlib
import contextlib
import ctypes
import json
import os
from pathlib import Path
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = Path(__file__).resolve().parent
PATIENCE = 60    # seconds; a guest may be slow
CLONE_NEWPID, PR_SET_PDEATHSIG = 0x20000000, 1
CLONE_NEWNS, MS_BIND, MS_REC, MS_PRIVATE, MS_SHARED, MS_SLAVE, MNT_DETACH = 0x20000, 0x1000, 0x4000, 1 << 18, 1 << 20, 1 << 19, 2
APPLETS = 'sh cat echo ls mount umount stat readlink mknod touch mkdir id head test dd true sleep'.split()
libc = ctypes.CDLL(None, use_errno=True)


class Failure(Exception):
    pass


def expect(condition, *what):
    if not condition:
        raise Failure(' '.join(str(w) for w in what))


def until(holds, what):
    """Waits for it to hold, and returns it."""
    deadline = time.monotonic() + PATIENCE
    while not (answer := holds()):
        expect(time.monotonic() < deadline, 'waited in vain:', what)
        time.sleep(0.02)
    return answer


def says(file, text=''):
    """Whether the file is there and has just that, or anything."""
    return file.exists() and (file.read_text() == text if text else file.read_text())


def mount(source, target, kind=None, flags=0, data=None):
    def text(s):
        return None if s is None else os.fsencode(s)
    if libc.mount(text(source), text(target), text(kind), ctypes.c_ulong(flags), text(data)):
        raise OSError(ctypes.get_errno(), f'mount {target}: {os.strerror(ctypes.get_errno())}')


def own_mounts():
    if libc.unshare(CLONE_NEWNS):
        raise OSError(ctypes.get_errno(), 'unshare')
    mount(None, '/', None, MS_REC | MS_PRIVATE)


@contextlib.contextmanager
def host_floor():
    """What puts a floor in place, for this mount namespace and this block."""
    etc = Path('/etc/casemate')
    made = not etc.exists()
    if made:
        etc.mkdir()
    try:
        mount('tmpfs', etc, 'tmpfs', data='mode=755')
        yield lambda floor: (etc / 'floor.json').write_text(floor if isinstance(floor, str) else json.dumps({'version': 1, **floor}))
    finally:
        libc.umount2(os.fsencode(etc), MNT_DETACH)
        if made:
            etc.rmdir()


def own_processes():
    """However a test ends, killed too, no container is left: we go on in a pid namespace whose first process ends with us."""
    def end_with(child):
        while True:
            pid, status = os.wait()     # orphans as well
            if pid == child:
                os._exit(status >> 8 if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))
    if libc.unshare(CLONE_NEWPID):
        raise OSError(ctypes.get_errno(), 'unshare')
    sys.stdout.flush()
    first = os.fork()
    if first:
        end_with(first)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    second = os.fork()
    if second:
        end_with(second)
    own_mounts()
    mount('proc', '/proc', 'proc')


def program(variable, *candidates):
    for path in [os.environ[variable]] if variable in os.environ else candidates:
        found = shutil.which(path)
        if found:
            return Path(found).resolve()
    sys.exit(f'{candidates[0]} is not there: name it in ${variable}')


def static_busybox():
    path = program('BUSYBOX', 'busybox', '/bin/busybox')
    if b'/lib64/ld-' in path.read_bytes() or b'/lib/ld-' in path.read_bytes():
        sys.exit(f'{path} is not static: name another one in $BUSYBOX')
    return path


ALL_CAPS = ['CAP_CHOWN', 'CAP_DAC_OVERRIDE', 'CAP_FSETID', 'CAP_FOWNER', 'CAP_MKNOD', 'CAP_NET_RAW', 'CAP_SETGID', 'CAP_SETUID',
            'CAP_SETFCAP', 'CAP_SETPCAP', 'CAP_SYS_CHROOT', 'CAP_KILL', 'CAP_AUDIT_WRITE', 'CAP_SYS_ADMIN']
ALL_NAMESPACES = ['pid', 'mount', 'ipc', 'uts', 'network', 'cgroup']
USERNS = [{'containerID': 0, 'hostID': 100000, 'size': 65536}]
MOUNTINFO = 'cat /proc/self/mountinfo'


def proc(**more):
    return {'destination': '/proc', 'type': 'proc', 'source': 'proc', **more}


def dev(**more):
    return {'destination': '/dev', 'type': 'tmpfs', 'source': 'tmpfs', 'options': ['nosuid', 'strictatime', 'mode=755', 'size=65536k'], **more}


def tmpfs(target, *options, source='tmpfs'):
    return {'destination': target, 'type': 'tmpfs', 'source': source, 'options': list(options)}


def bind(source, target, *options, **more):
    return {'destination': target, 'type': 'none', 'source': str(source), 'options': ['rbind', *options], **more}


class Line:
    """One line of mountinfo."""
    def __init__(self, text):
        before, after = text.split(' - ')
        words = before.split()
        self.id, self.parent, self.dev, self.root, self.target, options = words[:6]
        self.options = set(options.split(','))
        self.tags = {w.split(':')[0] for w in words[6:]}
        self.type, self.source, over = after.split(' ')[:3]
        self.super = set(over.strip().split(','))


class Result:
    def __init__(self, done):
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr

    def lines(self):
        expect(self.code == 0, 'it does not run:', self.err.strip() or self.out[-300:])
        return [Line(t) for t in self.out.splitlines() if ' - ' in t]

    def at(self, target):
        """The mount that is on top there."""
        there = [m for m in self.lines() if m.target == target]
        expect(there, f'nothing is mounted on {target}:', self.out)
        return there[-1]

    def says(self, *words):
        expect(self.code == 0, 'it does not run:', self.err.strip() or self.out[-300:])
        for w in words:
            expect(w in self.out, f'no "{w}" in what it says:', self.out + self.err)

    def refused(self, *words):
        expect(self.code != 0, 'it runs:', self.out)
        for w in words:
            expect(w in self.err, f'no "{w}" in the refusal:', self.err)


class Ground:
    def __init__(self):
        self.runtime = program('CASEMATE_RUNTIME', HERE.parents[1] / 'build/casemate-runtime')
        self.busybox = static_busybox()
        self.top = Path(tempfile.mkdtemp(prefix='casemate-mounts-', dir=os.environ.get('TMPDIR', '/var/tmp')))
        self.n = 0

    def close(self):
        with open('/proc/self/mounts') as f:
            mine = [line.split()[1] for line in f if line.split()[1].startswith(str(self.top))]
        for target in reversed(mine):
            libc.umount2(os.fsencode(target), MNT_DETACH)
        shutil.rmtree(self.top)

    def bundle(self):
        """A fresh one, with nothing but busybox in its root."""
        self.n += 1
        b = self.top / f'b{self.n}'
        (b / 'rootfs/bin').mkdir(parents=True)
        shutil.copy(self.busybox, b / 'rootfs/bin/busybox')
        for name in APPLETS:
            (b / 'rootfs/bin' / name).symlink_to('busybox')
        return b

    def give(self, b):
        """To the root of a container in a user namespace."""
        for at, dirs, files in os.walk(b / 'rootfs'):
            for name in [*dirs, *files, '.']:
                os.lchown(os.path.join(at, name), 100000, 100000)
        return b

    def config(self, act, mounts=(), base=True, linux=None, caps=(), root=None, namespaces=None, userns=False, **more):
        linux = dict(linux or {})
        if userns:
            linux.update(uidMappings=USERNS, gidMappings=USERNS)
        linux.setdefault('namespaces', [{'type': t} for t in (namespaces or ALL_NAMESPACES) + ['user'] * userns])
        config = {
            'ociVersion': '1.2.0', 'root': {'path': 'rootfs', **(root or {})}, 'linux': linux,
            'mounts': ([proc(), dev()] if base else []) + list(mounts),
            'process': {'terminal': False, 'user': {'uid': 0, 'gid': 0}, 'cwd': '/', 'env': ['PATH=/bin'], 'args': ['sh', '-c', act],
                        'noNewPrivileges': True, 'capabilities': {s: list(caps) for s in ('bounding', 'effective', 'permitted')}},
        }
        config.update(more)
        return config

    def run(self, act=MOUNTINFO, mounts=(), bundle=None, options=(), runtime=None, **more):
        b = bundle or self.bundle()
        self.n += 1
        (b / 'config.json').write_text(json.dumps(self.config(act, mounts, **more)))
        command = runtime or [self.runtime, '--root', self.top / 'state']
        return Result(subprocess.run([*command, 'run', *options, '--bundle', b, f'm{os.getpid()}-{self.n}'], stdin=subprocess.DEVNULL,
                                     capture_output=True, text=True, timeout=120, cwd='/'))


@contextlib.contextmanager
def floor(**keys):
    """The host's, for this block. What its other keys ask for is made good."""
    with host_floor() as put:
        put({'oci': 'tighten', **keys})
        yield


def ordinary(act):
    """A process that a floor lets run."""
    return {'terminal': False, 'user': {'uid': 1000, 'gid': 1000}, 'cwd': '/', 'env': ['PATH=/bin'], 'args': ['sh', '-c', act]}


CASES = []


def case(function):
    CASES.append(function)
    return function


def main(filters, must_work, confined=True):
    """TAP. A case returns None, or why it cannot be judged here. Confined: in a pid namespace, in which systemd knows nobody."""
    if os.getuid() != 0:
        print('1..0 # SKIP bundles that belong to root are made by root')
        return 0
    own_processes() if confined else own_mounts()
    ground, failed, cases = Ground(), 0, [c for c in CASES if not filters or any(c.__name__.startswith(f) for f in filters)]
    print(f'1..{len(cases)}')
    try:
        for i, one in enumerate(cases, 1):
            name = one.__name__.replace('_', ' ')
            try:
                why = one(ground)
                if why and must_work:
                    raise Failure(f'may not be skipped here: {why}')
                print(f'ok {i} - {name}' + (f' # SKIP {why}' if why else ''), flush=True)
            except (Failure, OSError, subprocess.SubprocessError, ValueError) as e:
                failed += 1
                print(f'not ok {i} - {name}\n' + '\n'.join('# ' + t for t in str(e).splitlines()), flush=True)
    finally:
        ground.close()
    return 1 if failed else 0
