"""containerd - containerd's own client (ctr) through containerd-shim-runc-v2, which calls the runtime."""
from concurrent.futures import ThreadPoolExecutor
import os
from pathlib import Path
import re
import time

from cli import ALWAYS, AT_ONCE, BUSYBOX, PROFILE, SECCOMP, SEPARATOR, seen
from common import GROUND, RUNTIME, Fails, Images, Terminal, command, expect, matches, nothing_left, read, traces, wait_for

image = Images('ctr', 'image', 'import')
LIMITED = 'engines-limited'
# As for the others: what is asked for, how it looks from inside, what must be seen.
FACTS = (
    ('environment', ('--env', 'GREETING=hello there'), 'echo $GREETING', r'^hello there$'),
    ('working directory', ('--cwd', '/var'), 'pwd', r'^/var$'),
    ('read-only root', ('--read-only',), 'touch /x 2>&1', r'Read-only file system'),
    ('seccomp profile', ('--seccomp', '--seccomp-profile', SECCOMP), 'mkdir /tmp/d 2>&1', r'upported'),
    ('AppArmor profile', ('--apparmor-profile', PROFILE), 'cat /proc/self/attr/current', rf'(^|//&){PROFILE} \(\w+\)$'),
    ('device', ('--device', '/dev/loop-control'), 'stat -c %t:%T /dev/loop-control 2>&1', r'^a:ed$'),
    ('bind mount', ('--mount', f'type=bind,src={GROUND}/data,dst=/ro,options=rbind:ro'), 'cat /ro/file; touch /ro/x 2>&1',
     r'(?s)^from the host\n.*Read-only file system'),
)
# ctr asks for no filter by itself, and for no /sys/fs/cgroup.
HERE = [row for row in ALWAYS if row[0] not in ('seccomp is on', '/sys/fs/cgroup is read-only')]


def ctr(*args, **more):
    return command('ctr', *args, **more)


class Container:
    """One that runs until it is removed."""

    def __init__(self, name, image, *args, options=()):
        self.name = f'engines-{name}'
        ctr('run', '-d', '--runc-binary', RUNTIME, *options, image, self.name, *args)

    def exec(self, *args, options=(), **more):
        return ctr('task', 'exec', '--exec-id', f'e{time.monotonic_ns()}', *options, self.name, *args, **more)

    def status(self):
        found = re.search(rf'^{self.name} +(\d+) +(\w+)', ctr('task', 'ls'), re.M)
        return (int(found[1]), found[2]) if found else (0, '')

    def cgroup(self):
        return Path('/sys/fs/cgroup' + read(f'/proc/{self.status()[0]}/cgroup').strip().split(':')[2])

    def end(self, signal='SIGKILL'):
        """The exit status."""
        ctr('task', 'kill', *['--all'] * (signal == 'SIGKILL'), '-s', signal, self.name, check=False)
        wait_for(lambda: self.status()[1] == 'STOPPED', f'{self.name} has ended')
        deleted = ctr('task', 'delete', self.name, check=False)
        ctr('container', 'delete', self.name)
        told = re.search(r'non-zero exit code (\d+)', deleted.stdout)     # of 1.7; before it is ctr's own
        return int(told[1]) if told else deleted.returncode


def run(*args, name='engines-run', **more):
    return ctr('run', '--rm', '--runc-binary', RUNTIME, *args[:-1], *args[-1], **more)


def status():
    """run gives output and exit status, and says what cannot be executed"""
    for line, want, text in (('echo hello', 0, 'hello'), ('exit 7', 7, ''), ('echo home=$HOME.', 0, 'home=/root.')):
        done = run(BUSYBOX, 'engines-status', ('sh', '-c', line), check=False)
        expect(done.returncode == want and text in done.stdout, done)
    done = run(BUSYBOX, 'engines-status', ('/absent',), check=False)
    expect(done.returncode != 0 and '/absent' in done.stdout, done)


def facts():
    """every option holds, seen from inside: limits, mounts, rights"""
    script = f'; echo; echo "{SEPARATOR}"; '.join([row[2] for row in FACTS] + [row[1] for row in HERE])
    asked = [option for row in FACTS for option in row[1]]
    holds, plain = (run(*more, BUSYBOX, 'engines-facts', ('sh', '-c', script), check=False).stdout.split(SEPARATOR) for more in (asked, ()))
    expect(len(holds) == len(plain) == len(FACTS) + len(HERE), ''.join(holds), ''.join(plain))
    bad = [f'{row[0]}: no "{row[3]}" in: {said.strip()}' for row, said in zip(FACTS, holds) if not seen(row[3], said)]
    bad += [f'{row[0]} cannot fail: {said.strip()}' for row, said in zip(FACTS, plain) if seen(row[3], said)]
    bad += [f'{row[0]}: no "{row[2]}" in: {text.strip()}' for said in (holds, plain)
            for row, text in zip(HERE, said[len(FACTS):]) if not seen(row[2], text)]
    expect(not bad, '\n'.join(bad))


def terminal():
    """a terminal of the right size"""
    t = Terminal(['ctr', 'run', '--rm', '-t', '--runc-binary', RUNTIME, image('debian'), 'engines-terminal',
                  'bash', '-c', 'tty; read word; echo got $word; stty size; exit 5'])
    t.until(r'/dev/(pts/\d+|console)')
    t.type('one\r')
    t.until(r'got one\s+33 99')
    expect(t.close() == 5, t.said)


def life():
    """exec, pause, resume, metrics, a signal, the end"""
    it = Container('life', BUSYBOX, 'sh', '-c', 'trap "exit 4" USR1; n=0; while :; do n=$((n+1)); echo $n > /n; sleep 0.1; done',
                   options=('--memory-limit', str(64 << 20), '--cpus', '0.5'))
    done = it.exec('sh', '-c', 'id -u; pwd; echo $HOME; exit 9', options=('--user', '1234', '--cwd', '/var'), check=False)
    expect(done.returncode == 9 and done.stdout == '1234\n/var\n/\n', done)
    expect(it.exec('cat', '/proc/self/cgroup') == it.exec('cat', '/proc/1/cgroup'), 'exec is in the cgroup')
    t = Terminal(['ctr', 'task', 'exec', '-t', '--exec-id', 'terminal', it.name, 'sh', '-c', 'tty; exit 6'])
    t.until(r'/dev/pts/\d+')
    expect(t.close() == 6, t.said)
    group, pid = it.cgroup(), it.status()[0]
    expect(it.name in str(group), group)
    expect((read(group / 'memory.max'), read(group / 'cpu.max')) == (f'{64 << 20}\n', '50000 100000\n'), 'the limits')
    ctr('task', 'pause', it.name)
    expect(it.status()[1] == 'PAUSED' and 'frozen 1' in read(group / 'cgroup.events'), it.status())
    before = read(f'/proc/{pid}/root/n')
    time.sleep(1)
    expect(read(f'/proc/{pid}/root/n') == before, 'nothing goes on')
    ctr('task', 'resume', it.name)
    wait_for(lambda: read(f'/proc/{pid}/root/n') not in ('', before), 'it goes on')
    matches(r'memory.usage\w* +[1-9]', ctr('task', 'metrics', it.name))
    matches(rf'^{pid} ', ctr('task', 'ps', it.name))
    status = it.end('SIGUSR1')
    expect(status == 4, 'its exit status is', status)
    expect(not group.exists(), 'the cgroup is gone', group)


def servers():
    """nginx and redis serve, joined to the same network namespace by its path"""
    web = Container('web', image('nginx'), options=('--net-host',))
    data = Container('data', image('redis'), options=('--with-ns', f'network:/proc/{web.status()[0]}/ns/net'))
    wait_for(lambda: 'PONG' in data.exec('redis-cli', 'ping', check=False).stdout, 'redis answers')
    client = Container('client', BUSYBOX, 'sleep', '1000', options=('--with-ns', f'network:/proc/{data.status()[0]}/ns/net'))
    wait_for(lambda: 'served by nginx' in client.exec('wget', '-qO', '-', 'http://127.0.0.1/', check=False).stdout, 'nginx answers')
    expect('PONG' in client.exec('sh', '-c', 'echo PING | nc 127.0.0.1 6379', check=False).stdout, 'redis answers the neighbour')
    spaces = {os.readlink(f'/proc/{c.status()[0]}/ns/net') for c in (web, data, client)}
    expect(len(spaces) == 1, spaces)
    matches(r'^Uid:\t[1-9]', read(f'/proc/{data.status()[0]}/status'))
    for container in client, data, web:
        container.end()


def systemd():
    """--runc-systemd-cgroup: the container is a scope, limited by systemd"""
    it = Container('scope', BUSYBOX, 'sleep', '1000', options=(
        '--runc-systemd-cgroup', '--cgroup', 'machine.slice:engines:scope', '--memory-limit', str(64 << 20)))
    expect(it.cgroup() == Path('/sys/fs/cgroup/machine.slice/engines-scope.scope'), it.cgroup())
    expect(read(it.cgroup() / 'memory.max') == '67108864\n', 'the limit')
    matches(r'ActiveState=active\nMemoryMax=67108864|MemoryMax=67108864\nActiveState=active',
            command('systemctl', 'show', '-p', 'ActiveState,MemoryMax', 'engines-scope.scope'))
    it.end()
    wait_for(lambda: 'inactive' in command('systemctl', 'show', '-p', 'ActiveState', 'engines-scope.scope'), 'the scope is gone')


def bites():
    """memory ends what takes too much"""
    done = run('--memory-limit', str(32 << 20), BUSYBOX, 'engines-bites', ('tail', '/dev/zero'), check=False)
    expect(done.returncode == 137, done)


def killed_shim():
    """when its shim is killed, containerd cleans up, through the runtime's delete"""
    it = Container('orphan', BUSYBOX, 'sleep', '1000')
    group, shim = it.cgroup(), command('pgrep', '-f', f'containerd-shim-runc-v2.*-id {it.name}').split()
    command('kill', '-9', *shim)
    wait_for(lambda: not group.exists(), 'its cgroup is gone')
    wait_for(lambda: it.status()[1] != 'RUNNING', 'it does not run')
    ctr('task', 'delete', '-f', it.name, check=False)
    ctr('container', 'delete', it.name)


def many(count):
    """many containers are started, four at a time, all run, and nothing is left of any"""
    before = traces()
    with ThreadPoolExecutor(4) as pool:
        for first in range(0, count, AT_ONCE):
            containers = list(pool.map(lambda n: Container(f'many-{n}', BUSYBOX, 'sleep', '1000'), range(first, min(first + AT_ONCE, count))))
            running = ctr('task', 'ls')
            expect(all(re.search(rf'^{c.name} +\d+ +RUNNING', running, re.M) for c in containers), running)
            list(pool.map(Container.end, containers))
    nothing_left(before)


TESTS = (status, facts, terminal, life, servers, systemd, bites, killed_shim)
QUICK = (status,)


def suite(tap, quick, count):
    command('systemctl', 'start', 'containerd')
    image('busybox')
    run(BUSYBOX, 'engines-first', ('true',))
    before = traces()
    for test in QUICK if quick else TESTS:
        tap.test(f'containerd: {test.__doc__}', test)
    if count:
        tap.test(f'containerd: {count} containers started and removed, and nothing left', many, count)
    tap.test('containerd: nothing is left of all this', nothing_left, before)
