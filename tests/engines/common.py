"""common - what the tests of all engines stand on: commands, conditions, a terminal, and what containers leave behind."""
import fcntl
import os
from pathlib import Path
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

SECONDS = 180       # for a condition; emulation on a busy host is slow
PROJECT = Path(__file__).resolve().parents[2]
ROOT = os.getuid() == 0
RUNTIME = os.environ.get('RUNTIME', '/usr/local/bin/casemate-runtime')
# Where the tests keep what they mount and read; each run makes it anew.
GROUND = Path('/srv/engines' if ROOT else f'/home/tester/engines')


class Fails(Exception):
    """What a test wants is not so."""


def expect(holds, *what):
    if not holds:
        raise Fails(' '.join(map(str, what)))


def command(*args, check=True, text=None, **more):
    """What it prints, or (check=False) all that is known of its end."""
    done = subprocess.run([str(a) for a in args], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=None if text else subprocess.DEVNULL,
                          input=text, text=True, errors='replace', timeout=600, **more)
    if check and done.returncode:
        raise Fails(f'{" ".join(map(str, args))}: exit status {done.returncode}\n{done.stdout}')
    return done.stdout if check else done


def wait_for(condition, what, seconds=SECONDS):
    end = time.monotonic() + seconds
    while not (value := condition()):
        expect(time.monotonic() < end, f'not within {seconds} s: {what}')
        time.sleep(0.1)
    return value


def matches(pattern, text, what=''):
    found = re.search(pattern, text, re.M)
    expect(found, f'{what}: no "{pattern}" in:\n{text}')
    return found


class Images:
    """Those of the guest (tests/vm/guest/images), in an engine's store from when one is asked for: to unpack them all takes emulation
    half a minute. The command is given the file."""

    def __init__(self, *load):
        self.load, self.there = load, set()

    def __call__(self, name):
        if name not in self.there:
            command(*self.load, f'/var/lib/casemate/images/{name}.tar')
            self.there.add(name)
        return f'localhost/{name}:latest'


class Terminal:
    """A command on a terminal of its own."""

    def __init__(self, args, rows=33, columns=99):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvp(args[0], [str(a) for a in args])
        self.said = ''
        self.resize(rows, columns)

    def resize(self, rows, columns):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack('HHHH', rows, columns, 0, 0))

    def type(self, text):
        os.write(self.fd, text.encode())

    def until(self, pattern, seconds=SECONDS):
        end = time.monotonic() + seconds
        while not (found := re.search(pattern, self.said)):
            if not self.more(end - time.monotonic()):
                raise Fails(f'the terminal never said "{pattern}", but:\n{self.said}')
        return found

    def more(self, seconds):
        if seconds <= 0 or not select.select([self.fd], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            return False
        self.said += data.decode(errors='replace')
        return bool(data)

    def close(self):
        """The exit status."""
        while self.more(SECONDS):
            pass
        if not wait_for(lambda: os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT), 'the command has ended'):
            os.kill(self.pid, signal.SIGKILL)
        _, status = os.waitpid(self.pid, 0)
        os.close(self.fd)
        return os.waitstatus_to_exitcode(status)


# ---- what is left

OWN = ('podman', 'conmon', 'netavark', 'aardvark', 'docker', 'containerd', 'casemate', 'crun', 'runc', 'slirp4netns', 'pasta', 'catatonit')
STATE = ('/run/casemate*', '/run/crun', '/run/runc', '/run/netns', '/run/containers', '/run/libpod', '/run/docker/runtime-*/*',
         '/run/containerd/io.containerd.runtime.v2.task/*', '/run/containerd/runc/*', '/dev/shm', '/run/user/1000/crun',
         '/run/user/1000/runc', '/run/user/1000/casemate*', '/run/user/1000/netns', '/run/user/1000/libpod/tmp/exits')


def read(path):
    try:
        return Path(path).read_text()
    except OSError:
        return ''


def traces():
    """Everything that containers leave while they run: processes, namespaces, mounts, cgroups, interfaces, state."""
    found = set()
    for process in Path('/proc').glob('[0-9]*'):
        try:
            name, cgroup = (process / 'comm').read_text().strip(), (process / 'cgroup').read_text().strip()
            here = os.readlink(process / 'ns/mnt'), os.readlink(process / 'ns/net')
        except OSError:
            continue
        if name.startswith(OWN) or re.search('libpod|docker-|machine.slice|/default/|k8s.io', cgroup):
            found.add(f'process {name} {process.name} {cgroup}')
        found.update(f'namespace {space}' for space in here)
    for root in ('/sys/fs/cgroup',) if ROOT else ('/sys/fs/cgroup/user.slice',):
        for directory, names, _ in os.walk(root):
            found.update(f'cgroup {directory}/{name}' for name in names if not re.search(r'\.service$|\.slice$|\.mount$|\.socket$', name))
    found.update('mount ' + ' '.join(line.split(' ')[4:5] + line.split(' - ')[1].split(' ')[:2])
                 for line in read('/proc/self/mountinfo').splitlines())
    found.update(f'interface {name}' for name in os.listdir('/sys/class/net'))
    for pattern in STATE:
        for top in Path('/').glob(pattern.lstrip('/')):
            found.add(f'state {top}')
            try:
                found.update(f'state {path}' for path in top.rglob('*') if path.is_dir() or path.parent in (Path('/dev/shm'), Path('/run/netns')))
            except OSError:
                pass
    found.update('shared memory ' + ' '.join(line.split()[:2]) for line in read('/proc/sysvipc/shm').splitlines()[1:])
    return found


# What the engines leave themselves, whatever the runtime is. podman 5: a directory for each container that could not be
# created, the parent of what cgroupfs manages, the directory of its name server; now and then its storage's directory, mounted
# on itself. docker: the host's own network namespace.
ENGINES_OWN = r'/run/libpod/persist/|/sys/fs/cgroup/libpod_parent$|/networks/aardvark-dns$|^mount \S+/containers/storage/overlay ext4 |/run/docker/netns/default( |$)'


def nothing_left(before):
    """Nothing but what there was before; given some time, since the kernel takes things apart in the background."""
    left = lambda: sorted(what for what in traces() - before if not re.search(ENGINES_OWN, what))
    try:
        wait_for(lambda: not left(), 'nothing is left', 60)
    except Fails:
        raise Fails('left behind:\n' + '\n'.join(left())) from None


# ---- TAP

class Tap:
    def __init__(self, only=None):
        self.count = self.failed = 0
        self.only = only

    def test(self, name, act, *args):
        """Whether it passed."""
        if self.only and not any(words in name for words in self.only):
            return True
        started = time.monotonic()
        self.count += 1
        try:
            act(*args)
        except (Fails, subprocess.SubprocessError, OSError, ValueError, KeyError, IndexError) as error:
            self.failed += 1
            print(f'not ok {self.count} - {name}')
            print('\n'.join('#   ' + line for line in f'{type(error).__name__}: {error}'.splitlines()), flush=True)
            return False
        print(f'ok {self.count} - {name}', flush=True)
        if os.environ.get('TIMES'):
            print(f'# {time.monotonic() - started:.1f} s', flush=True)
        return True

    def close(self):
        print(f'1..{self.count}', flush=True)
        return 1 if self.failed else 0
