"""service.py - one service under its shipped policy: made ready, started, put under load, looked at, stopped."""
import contextlib
import json
import os
from pathlib import Path
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import clients
import tightness

PROJECT = Path(__file__).resolve().parents[2]
POLICIES = PROJECT / 'profiles/policies'
sys.path.insert(0, str(PROJECT / 'tests/scenarios'))
import host     # noqa: E402

CASEMATE = os.environ.get('CASEMATE', str(PROJECT / 'build/casemate'))
NOT_ASKED_FOR = {'limits.cpuset', 'limits.io'}      # no shipped policy uses them
PATIENCE = int(os.environ.get('CASE_SECONDS', 60))      # what works does not take them
QUESTIONS = 200     # at least, of each service


class Fails(Exception):
    """It does not start, or does not serve."""


class Ground:
    """What this host can do."""

    def __init__(self):
        doctor = subprocess.run([CASEMATE, 'doctor', '--json'], capture_output=True, text=True)
        controls = json.loads(doctor.stdout)['controls']
        self.missing = {c['control']: c['detail'] for c in controls if not c['usable'] and c['control'] not in NOT_ASKED_FOR}
        self.ports = any(c['control'] == 'landlock' and 'TCP ports' in c['detail'] for c in controls)
        self.schema = json.loads(subprocess.run([CASEMATE, 'schema'], capture_output=True, text=True, check=True).stdout)

    def can_try(self, what):
        """Whether the kernel would notice that this is missing."""
        control = what.removeprefix('half of ')[1:].replace('/', '.')
        if control.startswith('network.'):
            return self.ports
        return not any(control.startswith(missing) for missing in self.missing)


def rootfs(policy, packages):
    cache = os.environ.get('ROOTFS_CACHE')
    if not cache and Path(policy['rootfs']).is_dir():
        return policy['rootfs']
    path = Path(cache or PROJECT / 'build/rootfs') / packages[0]
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([PROJECT / 'tools/mkrootfs', path, *packages], check=True, stdout=sys.stderr)
    return str(path)


def field(pid, name):
    for line in Path(f'/proc/{pid}/status').read_text().splitlines():
        if line.startswith(name + ':'):
            return line.split(':', 1)[1].split()
    raise Fails(f'no {name} in /proc/{pid}/status')


def expect(got, want, what):
    if got != want:
        raise Fails(f'{what} is {got!r}, not {want!r}')


class Launch:
    """One `casemate run`."""

    def __init__(self, service, policy):
        self.name = f'service-{service.name}'
        self.work = Path(tempfile.mkdtemp(dir=service.work))
        self.status, self.log = self.work / 'status', self.work / 'log'
        (self.work / 'policy.json').write_text(json.dumps(policy))
        without = ['--without', ','.join(service.ground.missing)] if service.ground.missing else []
        with open(self.status, 'wb') as status, open(self.log, 'wb') as log:
            self.process = subprocess.Popen(
                [CASEMATE, 'run', '--name', self.name, '--status-fd', str(status.fileno()), *without, self.work / 'policy.json'],
                pass_fds=[status.fileno()], stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def said(self):
        return self.log.read_text(errors='replace')

    def record(self, event):
        return next((record for record in map(json.loads, self.status.read_text().splitlines()) if record['event'] == event), None)

    def until(self, deadline, attempt):
        """What attempt() returns, once it is something; until then nothing may be there, but the launch must not end."""
        why = 'nothing'
        while True:
            ended = self.process.poll()
            try:
                if (value := attempt()) is not None:
                    return value
            except OSError as error:
                why = f'{type(error).__name__}: {error}'
            if ended is not None:
                raise Fails(f'ends with {ended}: {self.last_words()}')
            if time.monotonic() > deadline:
                raise Fails(f'too late, after {why}; {self.last_words()}')
            time.sleep(0.05)

    def last_words(self):
        exited = self.record('exited')
        if exited and exited['oom'] != 'none':
            return 'out of memory'
        lines = self.said().strip().splitlines()
        return lines[-1][-200:] if lines else 'nothing was said'

    def why_not(self, error):
        # Its end may be a moment away.
        with contextlib.suppress(subprocess.TimeoutExpired):
            return f'ends with {self.process.wait(0.3)}: {self.last_words()}'
        return f'{type(error).__name__}: {error}; {self.last_words()}'

    def launched(self, deadline):
        return self.until(deadline, lambda: self.record('launched'))['pid']

    def end(self):
        """Ask it to stop; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        return self.process.returncode

    def left_behind(self):
        found = [f'process {line}' for line in host.bury()]
        found += [f'cgroup {path}' for path in host.cgroups() if self.name in path]
        found += [f'mount {point}' for point, _ in host.mounts() if str(self.work.parent) in point]
        return found + [f'state {path}' for path in host.STATE.glob(f'{self.name}*')]


class Service:
    """A shipped policy, with the paths of this host."""

    def __init__(self, name, kind, ground, work):
        self.name, self.ground, self.work = name, ground, work
        self.file = POLICIES / f'{name}.json'
        self.__dict__.update(kind)
        self.policy = tightness.expand(json.loads(self.file.read_text()))
        self.served = False

    def prepare(self):
        work, policy = self.work, self.policy
        work.mkdir()
        work.chmod(0o755)
        policy['rootfs'] = rootfs(policy, self.packages)
        for mount in policy.get('mounts', []):
            if mount.get('type', 'bind') == 'bind':
                mount['source'] = str(self.source(mount))
        if 'apparmor' not in self.ground.missing:
            policy['apparmor'] = f'casemate-test-{self.name}'
            self.profile('-r')
        if hasattr(self, 'first'):
            policy = {**policy, **self.first}
            if 'apparmor' in policy:
                policy['apparmor'] = 'casemate-default'     # the other has no room for what is other in it
            with Launch(self, policy) as launch:
                if launch.process.wait(3 * PATIENCE):
                    raise Fails(f'{self.first["args"][0]} ends with {launch.process.returncode}\n{launch.said()}')

    def source(self, mount):
        path = self.work / Path(mount['source']).name
        shipped = POLICIES / path.name
        if shipped.exists():
            (shutil.copytree if shipped.is_dir() else shutil.copyfile)(shipped, path)
            return path
        path.mkdir()
        for name, content in getattr(self, 'content', {}).items():
            (path / name).write_bytes(content)
        if not mount.get('read_only', True):
            os.chown(path, self.policy['user']['uid'], self.policy['user']['gid'])
            path.chmod(0o700)
        return path

    def profile(self, option):
        """Load or remove the AppArmor profile that casemate makes for the policy."""
        text = subprocess.run([CASEMATE, 'apparmor', '--name', self.policy['apparmor'], self.file], capture_output=True, check=True)
        subprocess.run(['apparmor_parser', option], input=text.stdout, check=True)

    def close(self):
        if 'apparmor' in self.policy:
            self.profile('-R')

    # ---- serving

    def load(self, launch, network, start, patience, questions, fill):
        """Every connection open, a question on each, and the last one answered first: none may wait for another."""
        def connect():
            return self.client(network, self.port, patience)

        with contextlib.ExitStack() as stack:
            if hasattr(self, 'origin'):
                stack.callback(clients.Origin(network, self.origin).close)
            with contextlib.closing(launch.until(start, connect)) as client:
                self.connected = time.monotonic()
                if fill:
                    client.fill()
                client.ask()
                client.listen()
            rounds = max(1, -(-questions // self.connections))
            for _ in range(1 if self.client.keeps else rounds):
                self.crowd(connect, rounds if self.client.keeps else 1)

    def crowd(self, connect, rounds):
        with contextlib.ExitStack() as open_now:
            many = []
            for _ in range(self.connections):
                many.append(connect())
                open_now.callback(many[-1].close)
                # Who takes one question only would be gone after it, and make room for the next.
                if self.client.keeps:
                    many[-1].ask()
                time.sleep(self.client.pace)
            for n in range(rounds):
                for client in many if n or not self.client.keeps else ():
                    client.ask()
                for client in reversed(many):
                    client.listen()

    def serve(self, launch, start, patience, questions, fill):
        """The pid of a service that has answered everything."""
        start += time.monotonic()
        pid = launch.launched(start)
        try:
            with contextlib.closing(clients.Network(pid)) as network:
                self.load(launch, network, start, patience, questions, fill)
        except (OSError, clients.Wrong) as error:
            raise Fails(launch.why_not(error)) from error
        return pid

    # ---- the tests

    def serves(self):
        began = time.monotonic()
        with Launch(self, self.policy) as launch:
            try:
                pid = self.serve(launch, PATIENCE, PATIENCE, QUESTIONS, True)
                # Slow is not broken: what works has twice as long again.
                self.limit_start = max(3, 2 * (self.connected - began))
                self.limit_answer = max(3, time.monotonic() - self.connected)
                self.confined(launch, pid)
                expect(launch.end(), 0, 'the exit code')
                exited = launch.record('exited')
                expect((exited['code'], exited['forced']), (0, False), 'the exit record')
                expect(launch.left_behind(), [], 'what is left behind')
                self.served = True
            except Fails as error:
                raise Fails(f'{error}\n{launch.said()}') from error

    def confined(self, launch, pid):
        expect(field(pid, 'Uid'), [str(self.policy['user']['uid'])] * 4, 'uid')
        for caps in 'CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb':
            expect(int(field(pid, caps)[0], 16).bit_count(), len(self.policy.get('capabilities', [])), f'the number of {caps}')
        expect(field(pid, 'NoNewPrivs'), ['1'], 'no_new_privs')
        expect(field(pid, 'Seccomp'), ['2'], 'seccomp')
        root = [line.split() for line in Path(f'/proc/{pid}/mountinfo').read_text().splitlines() if line.split()[4] == '/']
        expect([('ro' in row[5].split(',')) for row in root], [True], 'the root being read-only')
        if 'apparmor' in self.policy:
            expect(Path(f'/proc/{pid}/attr/current').read_text().strip(), f'{self.policy["apparmor"]} (enforce)', 'the AppArmor profile')
        verdict = subprocess.run([CASEMATE, 'verify', '--json', launch.name], capture_output=True, text=True)
        expect((verdict.returncode, json.loads(verdict.stdout)['drift']), (0, False), f'verify {verdict.stdout}')

    def without(self, what, policy):
        """Why it does not serve under this policy."""
        if not self.served:
            raise Fails('not tried: it does not serve under the whole policy either')
        policy = tightness.changed(policy, 'stop.timeout', '1s')
        with Launch(self, policy) as launch:
            self.valid(launch.work / 'policy.json')
            try:
                self.serve(launch, self.limit_start, self.limit_answer, 0, fill=re.search('memory|size', what))
                why = None
            except Fails as error:
                why = str(error)
            launch.end()
            expect(launch.left_behind(), [], 'what is left behind')
        if not why:
            raise Fails('it serves all the same: the policy gives more than is needed')
        return why

    def check(self):
        expect(self.valid(self.file), [], 'what casemate check finds')

    @staticmethod
    def valid(file):
        """What casemate check finds in a policy that it would launch: to be refused is not to need anything."""
        done = subprocess.run([CASEMATE, 'check', '--format', 'json', file], capture_output=True, text=True)
        expect(done.returncode, 0, f'the exit code of casemate check {done.stdout}')
        return json.loads(done.stdout)['inputs'][0]['findings']
