#!/usr/bin/env python3
"""cgroups.py - casemate-runtime's cgroups: linux.cgroupsPath and linux.resources with both managers, and the verbs that work on a
cgroup: pause, resume, update, events, ps, kill --all, delete. What the kernel's files say is what counts.

    cgroups.py [CASE...]         as root of a machine with cgroup v2 alone (tests/vm); MUST_WORK=1: a skip is a failure
"""
import functools
import json
import os
from pathlib import Path
import re
import subprocess
import sys
import time

import ground
from ground import PATIENCE, case, expect, main, until

ground.static_busybox = lambda: ground.program('BUSYBOX', 'busybox')     # the guests' is, and they have no file(1)

TREE = Path('/sys/fs/cgroup')
TICK = 'while :; do echo x; sleep 0.05; done >/ticks'
MANAGERS = {'cgroupfs': [], 'systemd': ['--systemd-cgroup']}


def not_here():
    if not Path('/payload').exists():
        return 'systemd is told to reload, and a run that is broken off leaves cgroups: for a machine that is there for that (tests/vm)'
    if not (TREE / 'cgroup.controllers').exists() or 'memory' not in (TREE / 'cgroup.controllers').read_text():
        return 'no cgroup v2 tree with all controllers'
    return None


def in_a_guest(function):
    return case(functools.wraps(function)(lambda g: not_here() or function(g)))


class Container:
    """One that runs in the background, gone at the end of the block with all that it left."""

    def __init__(self, g, act, manager='cgroupfs', resources=None, path=None, **more):
        g.n += 1
        self.g, self.id, self.manager = g, f'c{os.getpid()}-{g.n}', manager
        self.bundle = g.bundle()
        default = f'system.slice:test:{self.id}' if manager == 'systemd' else f'/casemate-test/{self.id}'
        linux = {'cgroupsPath': default if path is None else path, 'resources': resources or {},
                 'namespaces': [{'type': t} for t in more.pop('namespaces', ['pid', 'mount', 'ipc', 'uts', 'network', 'cgroup'])]}
        (self.bundle / 'config.json').write_text(json.dumps(g.config(act, linux=linux, **more)))

    def verb(self, name, *words, check=True, wrapper=()):
        done = subprocess.run([*wrapper, self.g.runtime, *MANAGERS[self.manager], '--root', self.g.top / 'state', name, *words], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=60)
        expect(not check or done.returncode == 0, f'{name}:', done.stderr)
        return done

    def create(self, check=True):
        output = open(self.bundle / 'output', 'w')
        with output:
            done = subprocess.run([self.g.runtime, *MANAGERS[self.manager], '--root', self.g.top / 'state', 'create', '--bundle', self.bundle, self.id],
                                  stdin=subprocess.DEVNULL, stdout=output, stderr=output, timeout=60)
        expect(not check or done.returncode == 0, 'create:', (self.bundle / 'output').read_text())
        return done.returncode, (self.bundle / 'output').read_text()

    def __enter__(self):
        self.create()
        self.state = json.loads(self.verb('state', self.id).stdout)
        own = Path(f'/proc/{self.state["pid"]}/cgroup').read_text()
        self.cgroup = TREE / own.strip().split('::/', 1)[1]
        self.verb('start', self.id)
        return self

    def __exit__(self, *error):
        done = self.verb('delete', '--force', self.id, check=False)
        if not error[0]:
            expect(done.returncode == 0, 'delete:', done.stderr)
            expect(not self.cgroup.exists(), 'it left its cgroup:', self.cgroup)

    def file(self, name):
        return (self.cgroup / name).read_text().strip()

    def status(self):
        return json.loads(self.verb('state', self.id).stdout)['status']


RESOURCES = {
    'memory': {'limit': 64 << 20, 'reservation': 16 << 20, 'swap': 64 << 20}, 'cpu': {'shares': 2048, 'quota': 30000, 'period': 100000, 'cpus': '0'},
    'pids': {'limit': 33}, 'unified': {'memory.high': str(48 << 20)},
}
FILES = {'memory.max': str(64 << 20), 'memory.low': str(16 << 20), 'memory.swap.max': '0', 'cpu.weight': '174', 'cpu.max': '30000 100000',
         'cpuset.cpus': '0', 'pids.max': '33', 'memory.high': str(48 << 20)}


def limits(g, manager):
    with Container(g, 'sleep 1000', manager, RESOURCES) as c:
        for name, want in FILES.items():
            expect(c.file(name) == want, name, 'is', c.file(name), 'not', want)
        # systemd's idea of the scope must not undo it.
        if manager == 'systemd':
            subprocess.run(['systemctl', 'daemon-reload'], check=True)
            for name, want in FILES.items():
                expect(c.file(name) == want, 'after daemon-reload', name, 'is', c.file(name), 'not', want)


@in_a_guest
def limits_hold_with_cgroupfs(g):
    return limits(g, 'cgroupfs')


@in_a_guest
def limits_hold_with_systemd(g):
    return limits(g, 'systemd')


@in_a_guest
def a_scope_is_systemds(g):
    with Container(g, 'sleep 1000', 'systemd', RESOURCES) as c:
        unit = f'test-{c.id}.scope'
        expect(c.cgroup == TREE / 'system.slice' / unit, c.cgroup)
        shown = dict(line.split('=', 1) for line in subprocess.run(
            ['systemctl', 'show', unit, '-p', 'ActiveState,Slice,Delegate,MemoryMax,TasksMax,CPUQuotaPerSecUSec,AllowedCPUs,Description'],
            capture_output=True, text=True, check=True).stdout.splitlines())
        expect(shown['ActiveState'] == 'active' and shown['Slice'] == 'system.slice' and shown['Delegate'] == 'yes', shown)
        expect(shown['MemoryMax'] == str(64 << 20) and shown['TasksMax'] == '33' and shown['AllowedCPUs'] == '0', shown)
        pids = c.file('cgroup.procs').split()
        expect(pids == [str(c.state['pid'])], 'nobody else is in it:', pids)
    until(lambda: 'not-found' in subprocess.run(['systemctl', 'show', unit, '-p', 'LoadState'], capture_output=True, text=True).stdout, 'the scope is gone')


@in_a_guest
def the_container_sees_its_cgroup_as_the_root(g):
    for manager in MANAGERS:
        with Container(g, 'cat /proc/self/cgroup; sleep 1000', manager) as c:
            until(lambda: (c.bundle / 'output').read_text(), 'output')
            expect((c.bundle / 'output').read_text().strip() == '0::/', (c.bundle / 'output').read_text())


@in_a_guest
def memory_above_the_limit_is_killed(g):
    with Container(g, 'dd if=/dev/zero of=/dev/null bs=200M count=1', resources={'memory': {'limit': 32 << 20, 'swap': 32 << 20}}) as c:
        until(lambda: 'oom_kill 0' not in c.file('memory.events'), 'the OOM killer')


@in_a_guest
def a_limit_that_cannot_be_had_is_an_error(g):
    for resources, what in (({'unified': {'nothing.max': '1'}}, 'nothing.max'), ({'unified': {'../pids.max': '1'}}, 'unified'),
                            ({'unified': {'memory.max': 'lots'}}, 'nvalid argument'), ({'cpu': {'cpus': '999'}}, 'cpuset.cpus')):
        for manager in MANAGERS:
            c = Container(g, 'sleep 1', manager, resources)
            code, said = c.create(check=False)
            expect(code != 0 and what in said, manager, resources, code, said)
            expect(not (TREE / 'casemate-test' / c.id).exists(), 'it left its cgroup')
            until(lambda: not (TREE / 'system.slice' / f'test-{c.id}.scope').exists(), 'the scope is gone')


@in_a_guest
def a_paused_container_stands_still(g):
    for manager in MANAGERS:
        with Container(g, TICK, manager) as c:
            ticks = c.bundle / 'rootfs/ticks'
            until(lambda: ticks.exists() and ticks.stat().st_size > 2, 'ticks')
            c.verb('pause', c.id)
            expect(c.status() == 'paused' and 'frozen 1' in c.file('cgroup.events'), c.status())
            before = ticks.stat().st_size
            time.sleep(0.5)
            expect(ticks.stat().st_size == before, 'it ticks on')
            expect(c.verb('pause', c.id, check=False).returncode != 0, 'paused twice')
            c.verb('resume', c.id)
            expect(c.status() == 'running', c.status())
            until(lambda: ticks.stat().st_size > before, 'it goes on')
            c.verb('pause', c.id)    # and is deleted as it is


@in_a_guest
def update_changes_what_it_names(g):
    for manager in MANAGERS:
        with Container(g, 'sleep 1000', manager, RESOURCES) as c:
            c.verb('update', '--memory', '100m', '--memory-swap', '100m', '--pids-limit', '50', c.id)
            want = {**FILES, 'memory.max': str(100 << 20), 'pids.max': '50'}
            for name, value in want.items():
                expect(c.file(name) == value, name, 'is', c.file(name), 'not', value)
            (c.bundle / 'r.json').write_text('{"cpu": {"quota": 20000}, "memory": {"limit": null}}')
            c.verb('update', '--resources', c.bundle / 'r.json', c.id)
            want['cpu.max'] = '20000 100000'
            for name, value in want.items():
                expect(c.file(name) == value, name, 'is', c.file(name), 'not', value)
            done = c.verb('update', '--pids-limit', '60', '--cpuset-cpus', '999', c.id, check=False)
            expect(done.returncode != 0 and 'cpuset' in done.stderr and c.file('pids.max') == '50', done.stderr, c.file('pids.max'))
            expect(c.verb('update', '--memory', 'lots', c.id, check=False).returncode != 0, 'lots')
            if manager == 'systemd':
                subprocess.run(['systemctl', 'daemon-reload'], check=True)
                for name, value in want.items():
                    expect(c.file(name) == value, 'after daemon-reload', name, 'is', c.file(name), 'not', value)


@in_a_guest
def update_that_failed_or_was_killed_is_no_lie(g):
    """What the kernel has afterwards is what it had, or what the next update says."""
    for manager in MANAGERS:
        with Container(g, 'sleep 1000', manager, RESOURCES) as c:
            was = c.file('pids.max')
            for fault in 'error=ENOSPC', 'signal=KILL':
                wrapper = ['strace', '-f', '-qq', '-o', '/dev/null', '-e', 'trace=renameat', '-e', f'inject=renameat:{fault}']
                done = c.verb('update', '--pids-limit', '70', c.id, check=False, wrapper=wrapper)
                expect(done.returncode != 0, fault, done)
                if 'ENOSPC' in fault:
                    expect(c.file('pids.max') == was, 'is', c.file('pids.max'), 'was', was)
                c.verb('update', '--pids-limit', was, c.id)
                expect(c.file('pids.max') == was, fault, 'is', c.file('pids.max'), 'not', was)


@in_a_guest
def update_keeps_to_the_hosts_floor(g):
    floor = {'limits': {'memory': '64M', 'swap': 0, 'pids': 50, 'cpus': 0.5}}
    process = {'user': {'uid': 1000, 'gid': 1000}, 'cwd': '/', 'env': ['PATH=/bin'], 'args': ['sleep', '1000']}
    wide = ('--pids-limit', '51', '--memory', '1g', '--memory-swap', '-1', '--cpu-quota', '90000')
    kept = {'memory.max': str(64 << 20), 'memory.swap.max': '0', 'pids.max': '50', 'cpu.max': '50000 100000'}
    for manager in MANAGERS:
        with ground.host_floor() as put:
            put({**floor, 'oci': 'tighten'})
            with Container(g, '', manager, RESOURCES, process=process) as c:
                put(floor)
                c.verb('update', '--pids-limit', '40', c.id)
                done = c.verb('update', *wide, c.id, check=False)
                expect(done.returncode != 0 and 'below the floor' in done.stderr, done.stderr)
                expect(c.file('pids.max') == '40' and c.file('memory.max') == FILES['memory.max'], 'it was changed')
                put({**floor, 'oci': 'tighten'})
                for _ in range(2):      # what was stored is what holds, so the next one begins there
                    c.verb('update', *wide, c.id)
                    for name, want in kept.items():
                        expect(c.file(name) == want, name, 'is', c.file(name), 'not', want)


@in_a_guest
def a_limit_below_what_is_used_is_refused_when_asked(g):
    """config-linux.md#memory: checkBeforeUpdate"""
    hold = 'dd if=/dev/zero of=/t/held bs=1M count=24; echo held; exec sleep 1000'
    with Container(g, hold, resources={'memory': {'limit': 64 << 20, 'swap': 64 << 20}}, mounts=[ground.tmpfs('/t')]) as c:
        until(lambda: 'held' in (c.bundle / 'output').read_text(), 'it holds memory')
        (c.bundle / 'r.json').write_text('{"memory": {"limit": 16777216, "swap": 16777216, "checkBeforeUpdate": true}}')
        done = c.verb('update', '--resources', c.bundle / 'r.json', c.id, check=False)
        expect(done.returncode != 0 and 'in use' in done.stderr, done.stderr)
        expect(c.file('memory.max') == str(64 << 20) and c.status() == 'running', c.file('memory.max'), c.status())
        c.verb('update', '--memory', '48m', '--memory-swap', '48m', c.id)
        expect(c.file('memory.max') == str(48 << 20), c.file('memory.max'))
        c.verb('update', '--memory', '-1', c.id)       # of swap as well, as with runc
        expect((c.file('memory.max'), c.file('memory.swap.max')) == ('max', 'max'), c.file('memory.max'), c.file('memory.swap.max'))


@in_a_guest
def exec_goes_below_where_it_is_told(g):
    for manager in MANAGERS:
        with Container(g, 'sleep 1000', manager) as c:
            (c.cgroup / 'part').mkdir()
            said = c.verb('exec', '--cgroup', '/part', c.id, 'cat', '/proc/self/cgroup').stdout
            expect(said == '0::/part\n', said)
            expect(c.verb('exec', c.id, 'cat', '/proc/self/cgroup').stdout == '0::/\n', 'without the option')
            for path in '/nowhere', '/..', '/../other':
                expect(c.verb('exec', '--cgroup', path, c.id, 'true', check=False).returncode != 0, path)


@in_a_guest
def exec_in_a_paused_container_is_refused_unless_it_may_wait(g):
    with Container(g, 'sleep 1000') as c:
        c.verb('pause', c.id)
        done = c.verb('exec', c.id, 'touch', '/made', check=False)
        expect(done.returncode != 0 and 'paused' in done.stderr, done.stderr)
        with subprocess.Popen([g.runtime, '--root', g.top / 'state', 'exec', '--ignore-paused', c.id, 'touch', '/made'], stdin=subprocess.DEVNULL) as waiting:
            time.sleep(2)
            expect(not (c.bundle / 'rootfs/made').exists() and waiting.poll() is None, 'it did not wait')
            c.verb('resume', c.id)
            expect(waiting.wait(PATIENCE) == 0 and (c.bundle / 'rootfs/made').exists(), 'it did not go on')


@in_a_guest
def a_cgroup_is_its_users_where_he_may_write_it(g):
    """config-linux.md#cgroup-ownership: with a namespace of its own, mounted read-write, and then only what the kernel names"""

    def tree(*options, source='cgroup'):
        return [{'destination': '/sys/fs/cgroup', 'type': 'cgroup', 'source': source, 'options': ['nosuid', 'nodev', 'noexec', *options]}]
    every = ['pid', 'mount', 'ipc', 'uts', 'network', 'cgroup']
    delegated = Path('/sys/kernel/cgroup/delegate').read_text().split()
    with Container(g, 'mkdir /sys/fs/cgroup/own && echo made; sleep 1000', resources=RESOURCES, mounts=tree(),
                   process={'user': {'uid': 1234, 'gid': 1234}, 'cwd': '/', 'args': ['sh', '-c', 'mkdir /sys/fs/cgroup/own && echo made; sleep 1000'],
                            'env': ['PATH=/bin']}) as c:
        until(lambda: 'made' in (c.bundle / 'output').read_text(), 'it has made one')
        for file in c.cgroup.iterdir():
            mine = file.stat().st_uid == 1234
            expect(mine == (file.name in delegated or file.name == 'own'), file.name, file.stat().st_uid)
        expect(c.cgroup.stat().st_uid == 1234, c.cgroup.stat())
    for mounts, namespaces in ((tree('ro'), every), (tree(source='cgroup2'), every), (tree(), every[:-1]), ([], every)):
        with Container(g, 'sleep 1000', mounts=mounts, namespaces=namespaces,
                       process={'user': {'uid': 1234, 'gid': 1234}, 'cwd': '/', 'args': ['sleep', '1000'], 'env': ['PATH=/bin']}) as c:
            expect(c.cgroup.stat().st_uid == 0 and (c.cgroup / 'cgroup.procs').stat().st_uid == 0, mounts, namespaces)


@in_a_guest
def events_and_ps_tell_what_the_files_tell(g):
    with Container(g, 'sleep 1001 & while :; do :; done', resources=RESOURCES) as c:
        until(lambda: 'nr_throttled 0' not in c.file('cpu.stat') and c.file('pids.current') == '2', 'it is throttled')
        told = json.loads(c.verb('events', '--stats', c.id).stdout)
        expect(told['type'] == 'stats' and told['id'] == c.id, told)
        data = told['data']
        expect(data['memory']['usage']['limit'] == 64 << 20 and data['memory']['usage']['usage'] > 0, data['memory'])
        expect(data['pids'] == {'current': 2, 'limit': 33}, data['pids'])
        usage = int(re.search(r'^usage_usec (\d+)', c.file('cpu.stat'), re.M)[1]) * 1000
        expect(0 < data['cpu']['usage']['total'] <= usage and data['cpu']['throttling']['throttledPeriods'] > 0, data['cpu'])
        pids = json.loads(c.verb('ps', '--format', 'json', c.id).stdout)
        expect(sorted(pids) == sorted(map(int, c.file('cgroup.procs').split())) and c.state['pid'] in pids, pids)
        table = c.verb('ps', c.id).stdout
        expect(re.search(rf'^0 +{c.state["pid"]} .*sh -c', table, re.M) and 'sleep 1001' in table, table)


@in_a_guest
def no_limit_is_told_as_a_whole_number(g):
    """encoding/json takes no exponent for a uint64: go-runc, which engines read it with"""
    with Container(g, 'sleep 1000') as c:
        told = c.verb('events', '--stats', c.id).stdout
        expect(re.findall(r'"limit":([^,}]*)', told)[:2] == [str(2 ** 64 - 1)] * 2, told)


@in_a_guest
def a_container_in_the_hosts_pid_namespace_goes_as_a_whole(g):
    with Container(g, '(sleep 1002 &) ; sleep 1003', namespaces=['mount', 'ipc', 'uts', 'network', 'cgroup']) as c:
        until(lambda: len(c.file('cgroup.procs').split()) == 2, 'two processes')
        c.verb('kill', '--all', c.id, 'KILL')
        until(lambda: c.status() == 'stopped' and 'populated 0' in c.file('cgroup.events'), 'all are gone')


@in_a_guest
def a_busy_cgroup_is_refused(g):
    with Container(g, 'sleep 1000', path='/casemate-test/busy') as c:
        other = Container(g, 'sleep 1000', path='/casemate-test/busy')
        code, said = other.create(check=False)
        expect(code != 0 and 'in use' in said, code, said)
        expect(c.status() == 'running', 'the other lives')


if __name__ == '__main__':
    code = main(sys.argv[1:], os.environ.get('MUST_WORK'), confined=False)
    top = TREE / 'casemate-test'
    if top.exists():
        top.rmdir()
    sys.exit(code)
