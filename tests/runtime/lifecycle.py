#!/usr/bin/env python3
"""lifecycle.py - the operations of runtime.md, one after the other and in the wrong order: state, create, start, kill, delete.

  lifecycle.py [CASE...]       the start of names; as root
"""
import json
import os
from pathlib import Path
import subprocess
import sys

from engine import Engine
from ground import case, expect, main, says, until


@case
def state_has_what_it_must(g):
    """runtime.md#state: version, id, status, pid as the host sees it, the bundle, annotations"""
    e = Engine(g)
    b = e.bundle('sleep 1000', annotations={'org.example.key': 'value'})
    e.create('a', b)
    now = e.state('a')
    expect((now['id'], now['status'], now['bundle']) == (e.id('a'), 'created', str(b)), now)
    expect(now['ociVersion'].startswith('1.') and now['annotations'] == {'org.example.key': 'value'}, now)
    expect(os.path.realpath(f'/proc/{now["pid"]}/root') != '/' or Path(f'/proc/{now["pid"]}').exists(), now)
    e.ok('start', 'a')
    expect(e.state('a')['status'] == 'running' and e.state('a')['pid'] == now['pid'], 'the process is the same')
    expect(Path(f'/proc/{now["pid"]}/cmdline').read_bytes().startswith(b'sleep'), 'it is the one that was asked for')
    e.ok('delete', '--force', 'a')


@case
def create_runs_nothing_of_the_user_and_start_does(g):
    e = Engine(g)
    b = e.bundle('echo x > /ran; sleep 1000')
    e.create('a', b)
    expect(not (b / 'rootfs/ran').exists() and e.state('a')['status'] == 'created', 'the program ran before start')
    e.ok('start', 'a')
    expect(e.state('a')['status'] == 'running', e.state('a'))
    until((b / 'rootfs/ran').exists, 'the program runs')
    e.ok('delete', '--force', 'a')


@case
def what_config_json_says_later_has_no_effect(g):
    """runtime.md#lifecycle, step 2"""
    e = Engine(g)
    b = e.bundle('echo first > /ran')
    e.create('a', b)
    config = json.loads((b / 'config.json').read_text())
    config['process']['args'] = ['sh', '-c', 'echo second > /ran']
    (b / 'config.json').write_text(json.dumps(config))
    e.ok('start', 'a')
    e.until('a', 'stopped')
    expect((b / 'rootfs/ran').read_text() == 'first\n', (b / 'rootfs/ran').read_text())
    e.ok('delete', 'a')


@case
def an_id_is_one_containers(g):
    """runtime.md#create: an id that is taken or not valid is an error, and nothing is made or changed"""
    e = Engine(g)
    b = e.bundle('sleep 1000')
    e.create('a', b)
    first = e.state('a')
    e.refused('create', 'a', '-b', b)
    expect(e.state('a') == first, 'the first is what it was')
    for bad in '', '.', '..', 'a/b', '/a', 'a b', 'x' * 2000:
        done = e('create', '-b', b, bad)
        expect(done.code != 0, f'the id {bad[:9]!r} is taken')
    expect(sorted(p.name for p in e.root.iterdir() if p.is_dir()) == [e.id('a')], list(e.root.iterdir()))
    e.ok('delete', '--force', 'a')
    e.create('a', b)        # free again
    e.ok('delete', '--force', 'a')


@case
def what_is_missing_or_unknown_is_an_error(g):
    """runtime.md: each operation without an id, and with one that nobody has; create without a bundle"""
    e = Engine(g)
    for verb in 'state', 'create', 'start', 'kill', 'delete':
        expect(e(verb).code != 0, f'{verb} without an id')
    for verb, more in ('state', ()), ('start', ()), ('kill', ('TERM',)), ('delete', ()):
        e.refused(verb, 'z', *more, words=['does not exist'])
    e.refused('create', 'z', '-b', g.top / 'absent')
    (g.top / 'empty').mkdir()
    e.refused('create', 'z', '-b', g.top / 'empty', words=['config.json'])
    e.gone('z')


@case
def start_is_once(g):
    """runtime.md#start: what runs or has ended is not started again, and goes on as it was"""
    e = Engine(g)
    b = e.bundle('echo x >> /ran; sleep 1000')
    e.create('a', b)
    e.ok('start', 'a')
    first = e.state('a')
    e.refused('start', 'a')
    expect(e.state('a') == first, e.state('a'))
    e.ok('kill', 'a', 'KILL')
    e.until('a', 'stopped')
    e.refused('start', 'a')
    expect(e.state('a')['status'] == 'stopped', e.state('a'))
    e.ok('delete', 'a')


@case
def kill_sends_that_signal_and_to_nobody_who_does_not_run(g):
    """runtime.md#kill"""
    for signal in 'USR1', '10', 'SIGUSR1':
        e = Engine(g)
        b = e.bundle('trap "echo heard > /heard; exit 0" USR1; echo > /up; while :; do sleep 0.1; done')
        e.create('a', b)
        e.ok('start', 'a')
        until((b / 'rootfs/up').exists, 'the trap is set')
        e.ok('kill', 'a', signal)
        e.until('a', 'stopped')
        expect((b / 'rootfs/heard').exists(), f'{signal} did not arrive')
        e.refused('kill', 'a', 'TERM', words=['not running'])
        e.refused('kill', 'a', 'NONSENSE')
        e.ok('delete', 'a')
        e.gone('a')


@case
def delete_is_of_what_has_ended(g):
    """runtime.md#delete: what runs is an error; what create made is gone, what it found is not"""
    e = Engine(g)
    b = e.bundle('sleep 1000')
    e.create('a', b)
    pid = e.state('a')['pid']
    e.ok('start', 'a')
    e.refused('delete', 'a')
    expect(e.state('a')['status'] == 'running', e.state('a'))
    e.ok('kill', 'a', 'KILL')
    e.until('a', 'stopped')
    e.ok('delete', 'a')
    e.gone('a')
    expect((b / 'config.json').exists() and (b / 'rootfs/bin/busybox').exists(), 'the bundle is left alone')
    expect(not Path(f'/proc/{pid}/ns').exists() or not os.path.exists(f'/proc/{pid}/exe'), 'its process is gone')
    e.refused('delete', 'a', words=['does not exist'])


@case
def a_failed_create_leaves_nothing(g):
    """runtime.md#errors: as if it had never been tried"""
    e = Engine(g)
    before = sorted(os.listdir('/proc/self/fd')), Path('/proc/self/mountinfo').read_text()
    for more in dict(linux={'namespaces': [{'type': 'mount'}, {'type': 'mount'}]}), dict(linux={'namespaces': [{'type': 'network', 'path': '/etc/passwd'}, {'type': 'mount'}]}), \
            dict(root={'path': 'absent'}), dict(process={'args': ['/absent']}), dict(process={'cwd': 'relative'}):
        b = e.bundle('true', **more)
        e.refused('create', 'a', '-b', b)
        e.gone('a')
    expect((sorted(os.listdir('/proc/self/fd')), Path('/proc/self/mountinfo').read_text()) == before, 'something is left')


@case
def another_version_of_the_specification_is_refused(g):
    """config.md#specification-version: SemVer, and of another major number there is nothing to be known"""
    e = Engine(g)
    for version in '2.0.0', '0.9.0', '1', '1.x.0', 'nonsense', '':
        e.refused('create', 'a', '-b', e.bundle('sleep 1000', ociVersion=version), words=['/ociVersion'])
    for version in '1.0.0', '1.2.1', '1.3.0-dev':
        e.create('a', e.bundle('sleep 1000', ociVersion=version))
        e.ok('delete', '--force', 'a')


@case
def clocks_are_offset(g):
    """config-linux.md#offset-for-time-namespace"""
    e = Engine(g)
    offsets = {'monotonic': {'secs': 1000000, 'nanosecs': 7}, 'boottime': {'secs': 2000000}}
    b = e.bundle('cat /proc/uptime > /uptime; sleep 1000', linux={'namespaces': [{'type': t} for t in ('mount', 'pid', 'time')], 'timeOffsets': offsets})
    e.create('a', b)
    told = Path(f'/proc/{e.state("a")["pid"]}/timens_offsets').read_text().split()
    expect(told == ['monotonic', '1000000', '7', 'boottime', '2000000', '0'], told)
    e.ok('start', 'a')
    until(lambda: says(b / 'rootfs/uptime'), 'the clock is read')
    up = float((b / 'rootfs/uptime').read_text().split()[0])
    expect(up > 2000000 > up - 2000000, up)
    e.ok('delete', '--force', 'a')
    for wrong in {'realtime': {'secs': 1}}, {'boottime': {'nanosecs': 1000000000}}:
        e.refused('create', 'a', '-b', e.bundle('sleep 1', linux={'namespaces': [{'type': t} for t in ('mount', 'pid', 'time')], 'timeOffsets': wrong}),
                  words=['/linux/timeOffsets'])


@case
def namespaces_are_made_inherited_or_refused(g):
    """config-linux.md#namespaces: made when listed, the runtime's own when not, of the right type when by path, each once"""
    e = Engine(g)
    look = 'for n in mnt pid net ipc uts cgroup time; do readlink /proc/self/ns/$n; done > /ns; sleep 1000'
    for listed in (['mount', 'pid', 'network', 'ipc', 'uts', 'cgroup'], ['mount', 'pid']):
        b = e.bundle(look, linux={'namespaces': [{'type': t} for t in listed]})
        e.create('a', b)
        pid = e.state('a')['pid']
        for name, kind in ('net', 'network'), ('ipc', 'ipc'), ('uts', 'uts'), ('cgroup', 'cgroup'), ('pid', 'pid'), ('mnt', 'mount'):
            own = os.readlink(f'/proc/{pid}/ns/{name}') != os.readlink(f'/proc/self/ns/{name}')
            expect(own == (kind in listed), name, listed)
        if len(listed) == 6:
            expect(e.state('a')['status'] == 'created', 'created')
            joined = e.bundle(look, linux={'namespaces': [{'type': 'mount'}, {'type': 'pid'}, {'type': 'network', 'path': f'/proc/{pid}/ns/net'}]})
            e.create('b', joined)
            expect(os.readlink(f'/proc/{e.state("b")["pid"]}/ns/net') == os.readlink(f'/proc/{pid}/ns/net'), 'it is in the one at the path')
            e.ok('delete', '--force', 'b')
            wrong = e.bundle(look, linux={'namespaces': [{'type': 'mount'}, {'type': 'ipc', 'path': f'/proc/{pid}/ns/net'}]})
            e.refused('create', 'b', '-b', wrong, words=['is it a namespace of that kind'])
        e.ok('delete', '--force', 'a')
    for host in '/proc/self/ns/mnt', '/proc/1/ns/mnt':
        e.refused('create', 'a', '-b', e.bundle(look, linux={'namespaces': [{'type': 'mount', 'path': host}, {'type': 'pid'}]}), words=["the host's own mount"])
    e.refused('create', 'a', '-b', e.bundle(look, linux={'namespaces': [{'type': 'pid'}]}), words=["would be the host's"])
    e.refused('create', 'a', '-b', e.bundle(look, linux={'namespaces': [{'type': 'mount'}, {'type': 'ipc'}, {'type': 'ipc'}]}),
              words=['/linux/namespaces/2'])


@case
def a_mount_namespace_is_entered_by_its_path(g):
    """config-linux.md, "Namespaces": the container's mounts are made in it, and nowhere else"""
    e = Engine(g)
    with subprocess.Popen(['unshare', '--mount', '--propagation', 'private', 'sh', '-c', 'echo; exec cat'], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        holder.stdout.readline()
        path, before = f'/proc/{holder.pid}/ns/mnt', Path('/proc/self/mountinfo').read_text()
        e.create('a', e.bundle('sleep 1000', linux={'namespaces': [{'type': 'mount', 'path': path}, {'type': 'pid'}]}))
        pid = e.state('a')['pid']
        expect(os.readlink(f'/proc/{pid}/ns/mnt') == os.readlink(path) != os.readlink('/proc/self/ns/mnt'), 'it is in the one at the path')
        expect(os.path.samefile(f'/proc/{pid}/root', f'/proc/{holder.pid}/root'), 'its root is that of all who live there')
        expect(Path('/proc/self/mountinfo').read_text() == before, 'something was mounted here')
        e.ok('start', 'a')
        e.ok('delete', '--force', 'a')
        holder.stdin.close()


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:], os.environ.get('MUST_WORK') == '1'))
