#!/usr/bin/env python3
"""verbs.py - casemate-runtime a verb at a time, as engines call it: runtime.md "Operations", "State" and "Lifecycle", the words that engines
look for, and what is left when somebody is killed on the way.

    verbs.py [CASE...]         as root; MUST_WORK=1: a skip is a failure
"""
import contextlib
import ctypes
import fcntl
import glob
import json
import os
from pathlib import Path
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

from engine import Engine
from ground import ALL_NAMESPACES, HERE, MNT_DETACH, MS_BIND, case, expect, host_floor, libc, main, mount, program, says, until


def is_there(pid):
    try:
        return Path(f'/proc/{pid}/stat').read_text().rsplit(')', 1)[1].split()[0] not in 'ZX'
    except OSError:
        return False


def cgroup_of(e, name):
    """Where that of a container is; None without one."""
    own = Path(f'/proc/{e.state(name)["pid"]}/cgroup').read_text().split('0::/', 1)
    for tree in ('/sys/fs/cgroup', '/sys/fs/cgroup/unified'):
        cgroup = Path(tree, own[-1].strip())
        if len(own) > 1 and e.id(name) in cgroup.name and (cgroup / 'cgroup.events').exists():
            return cgroup
    return None


@case
def a_life_from_create_to_delete(g):
    e = Engine(g)
    b = e.bundle('echo started > /out; sleep 100', annotations={'k': 'v'})
    pid_file = g.top / 'pid'
    e.create('a', b, '--pid-file', pid_file)
    s = e.state('a')
    expect(s['status'] == 'created' and s['id'] == e.id('a') and s['bundle'] == str(b) and s['annotations'] == {'k': 'v'} and s['ociVersion'], s)
    expect(int(pid_file.read_text()) == s['pid'] and is_there(s['pid']), 'no such process')
    expect(not (b / 'rootfs/out').exists(), 'it runs before its start')
    (b / 'config.json').unlink()        # what comes later goes by what it was then: runtime.md, "Create"
    e.ok('start', 'a')
    expect(e.state('a')['status'] == 'running', e.state('a'))
    e.refused('start', 'a', words=['running'])
    e.refused('delete', 'a', words=['not stopped: running'])
    e.ok('kill', 'a', 'KILL')
    expect(e.until('a', 'stopped')['pid'] == 0, 'a pid of nobody')
    e.refused('kill', 'a', 'TERM', words=['container not running'])
    e.refused('start', 'a', words=['stopped'])
    e.ok('delete', 'a')
    e.gone('a')
    expect((b / 'rootfs/out').read_text() == 'started\n', 'it did not run')


@case
def what_is_not_there_is_told_in_the_words_that_engines_know(g):
    e = Engine(g)
    for verb in ('state', 'start', 'delete'):
        e.refused(verb, 'x', words=['does not exist'])
    e.refused('kill', 'x', '9', words=['does not exist'])
    e.ok('delete', '--force', 'x')
    expect(e.ok('list', '-q').out == '', 'there is one')


@case
def an_id_is_unique_and_has_no_way_out(g):
    e = Engine(g)
    b = e.bundle('true')
    e.create('a', b)
    e.refused('create', '-b', b, 'a', words=['already exists'])
    expect(e.state('a')['status'] == 'created', 'the first one suffered')
    e.ok('delete', '--force', 'a')
    for wrong in ('../x', '.', '..', '', 'a/b', 'a' * 256, 'a b', '.x'):
        done = subprocess.run([g.runtime, '--root', e.root, 'create', '-b', b, wrong], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=20)
        expect(done.returncode and 'no id' in done.stderr, wrong, done.stderr)


@case
def signals_by_name_and_number(g):
    e = Engine(g)
    b = e.bundle('trap "echo usr1 >> /got" USR1; trap "echo hup >> /got" HUP; echo ready > /got; while :; do sleep 0.05; done')
    e.create('a', b)
    e.ok('start', 'a')
    got, heard = b / 'rootfs/got', 'ready\n'
    for name, word in (('SIGUSR1', 'usr1'), ('usr1', 'usr1'), ('10', 'usr1'), ('HUP', 'hup'), ('1', 'hup')):
        until(lambda: says(got, heard), heard)
        e.ok('kill', 'a', name)
        heard += word + '\n'
        until(lambda: says(got, heard), name)
    for wrong in ('SIGNOTHING', '0', '65', '9x', 'RTMAX+1', 'RT'):
        e.refused('kill', 'a', wrong, words=['no signal'])
    e.ok('kill', 'a', 'RTMIN+1')     # PID 1 of a namespace has no default action
    e.ok('kill', 'a', 'KILL')
    e.until('a', 'stopped')
    e.ok('delete', 'a')


def leaderless(e, act='exec probe leaderless', **more):
    b = e.bundle(act, **more)
    shutil.copy(program('PROBE', HERE.parents[1] / 'build/tests/scenarios/probe'), b / 'rootfs/bin/probe')
    return b


@case
def a_process_whose_first_thread_has_ended_lives(g):
    e = Engine(g)
    for end in (['kill', 'a', 'KILL'], ['kill', '--all', 'a', 'KILL'], ['delete', '--force', 'a']):
        e.create('a', leaderless(e))
        pid = e.state('a')['pid']
        e.ok('start', 'a')
        until(lambda: not is_there(pid), 'its first thread has ended')
        expect(e.state('a')['status'] == 'running', e.state('a'))
        e.refused('delete', 'a', words=['not stopped'])
        e.ok(*end)
        if end[0] == 'kill':
            e.until('a', 'stopped')
            e.ok('delete', 'a')
        e.gone('a')
        until(lambda: len(glob.glob(f'/proc/{pid}/task/*')) < 2, 'its other thread has ended')


@case
def what_a_container_left_in_its_cgroup_goes_with_it(g):
    e = Engine(g)
    b = leaderless(e, 'probe leaderless & sleep 0.5', namespaces=[n for n in ALL_NAMESPACES if n != 'pid'])
    for end in (['delete', 'a'], ['kill', '--all', 'a', 'KILL']):
        e.create('a', b)
        if not (cgroup := cgroup_of(e, 'a')):
            e.ok('delete', '--force', 'a')
            return 'no cgroup v2 tree that may be written'
        e.ok('start', 'a')
        e.until('a', 'stopped')
        expect('populated 1' in (cgroup / 'cgroup.events').read_text(), 'it left nobody')
        e.ok(*end)
        if end[0] == 'kill':
            expect('populated 0' in (cgroup / 'cgroup.events').read_text(), 'it is still there')
            e.ok('delete', 'a')
        expect(not cgroup.exists(), 'the cgroup is left')
        e.gone('a')
    e.ok('run', '-b', b, 'a')
    expect(not cgroup.exists(), 'the cgroup is left')


@case
def the_end_of_one_is_not_that_of_another_with_the_same_cgroup(g):
    e, f = Engine(g), Engine(g)
    f.prefix = e.prefix     # the same id below two roots has the same cgroup
    e.create('a', e.bundle('true'))
    if not (cgroup := cgroup_of(e, 'a')):
        e.ok('delete', '--force', 'a')
        return 'no cgroup v2 tree that may be written'
    e.ok('start', 'a')
    e.until('a', 'stopped')
    f.create('a', f.bundle('sleep 100'))
    f.ok('start', 'a')
    e.refused('kill', '--all', 'a', 'KILL', words=['container not running'])
    expect(cgroup_of(f, 'a') == cgroup, 'it has another cgroup')
    done = e.ok('delete', 'a')
    expect('stays' in done.err, done.err)
    e.gone('a')
    expect(f.state('a')['status'] == 'running' and cgroup.exists(), 'the other one was killed by its deletion')
    f.ok('delete', '--force', 'a')
    expect(not cgroup.exists(), 'the cgroup is left')


@case
def a_create_that_was_killed_before_it_had_a_cgroup_has_nobody_in_it(g):
    e, f = Engine(g), Engine(g)
    f.prefix = e.prefix
    f.create('a', f.bundle('sleep 100'))
    if not cgroup_of(f, 'a'):
        f.ok('delete', '--force', 'a')
        return 'no cgroup v2 tree that may be written'
    f.ok('start', 'a')
    # What is on disk from before its cgroup is entered until its process is named.
    (e.root / e.id('a')).mkdir(parents=True, mode=0o700)
    state = {**json.loads((f.root / f.id('a') / 'state.json').read_text()), 'pid': 0, 'since': 0}
    for force in ([], ['--force']):
        (e.root / e.id('a')).mkdir(exist_ok=True, mode=0o700)
        (e.root / e.id('a') / 'lock').touch(0o600)
        (e.root / e.id('a') / 'state.json').write_text(json.dumps(state))
        e.refused('kill', '--all', 'a', 'KILL', words=['container not running'])
        e.ok('delete', *force, 'a')
        e.gone('a')
        expect(f.state('a')['status'] == 'running', 'the other one was killed by its deletion')
    f.ok('delete', '--force', 'a')


@case
def delete_with_force_kills_what_was_created_and_what_runs(g):
    e = Engine(g)
    for start in (False, True):
        e.create('a', e.bundle('sleep 100'))
        pid = e.state('a')['pid']
        if start:
            e.ok('start', 'a')
        e.ok('delete', '--force', 'a')
        e.gone('a')
        expect(not is_there(pid), 'its process is left')


@case
def run_is_all_of_it(g):
    e = Engine(g)
    expect(e('run', '-b', e.bundle('exit 7'), 'a').code == 7, 'the exit code')
    e.gone('a')
    expect(e('run', '-b', e.bundle('kill -9 $$'), 'a').code in (137, 0), 'PID 1 cannot be killed from inside')
    expect(e('run', '--keep', '-b', e.bundle('true'), 'a').code == 0, 'keep')
    expect(e.state('a')['status'] == 'stopped', e.state('a'))
    e.ok('delete', 'a')
    e.ok('run', '--detach', '-b', e.bundle('sleep 100'), 'a')
    expect(e.state('a')['status'] == 'running', e.state('a'))
    e.ok('delete', '--force', 'a')
    done = e('run', '-b', e.bundle('x', process={'args': ['/no/such/program']}), 'a')
    expect(done.code == 127 and 'no such file or directory' in done.err, done.code, done.err)
    e.gone('a')


@case
def list_shows_all(g):
    e = Engine(g)
    e.create('a', e.bundle('sleep 100'))
    e.create('b', e.bundle('sleep 100'))
    e.ok('start', 'b')
    all_of_them = {c['id']: c['status'] for c in json.loads(e.ok('list', '-f', 'json').out)}
    expect(all_of_them == {e.id('a'): 'created', e.id('b'): 'running'}, all_of_them)
    expect(set(e.ok('list', '--quiet').out.split()) == set(all_of_them), 'quiet')
    table = e.ok('list').out
    expect('STATUS' in table and 'created' in table and e.id('b') in table, table)
    for name in 'ab':
        e.ok('delete', '--force', name)


@case
def the_log_is_what_engines_parse(g):
    e, log = Engine(g), g.top / 'log.json'
    e.refused('create', '-b', g.top / 'nowhere', 'a', glob=['--log', log, '--log-format', 'json'])
    line = json.loads(log.read_text())
    expect(line['level'] == 'error' and 'nowhere' in line['msg'] and line['time'], line)
    # With --debug it also has what was done; the last line that is an error is still the reason.
    e.refused('create', '-b', g.top / 'nowhere', 'a', glob=['--debug', '--log', log, '--log-format', 'json'])
    e.ok('list', glob=['--debug', '--log', log, '--log-format', 'json'])
    lines = [json.loads(line) for line in log.read_text().splitlines()[1:]]
    expect([line['level'] for line in lines] == ['debug', 'error', 'debug'] and f"create '{e.id('a')}': failed after" in lines[0]['msg'] and
           "list '': done after" in lines[2]['msg'], lines)
    log.unlink()
    subprocess.run([g.runtime, '--root', e.root, '--debug', '--log', log, 'state', 'x"\nlevel=error msg="y'], capture_output=True, timeout=20)
    expect([line.split()[1] for line in log.read_text().splitlines()] == ['level=debug', 'level=error'] and '"y' not in log.read_text().splitlines()[0], log.read_text())
    done = subprocess.run([g.runtime, '--version'], capture_output=True, text=True, timeout=20)
    expect(done.stdout.startswith('casemate-runtime version ') and '\nspec: 1.' in done.stdout, done.stdout)


@case
def features_and_spec_fit_what_is_made_of_them(g):
    e = Engine(g)
    f = json.loads(e.ok('features').out)
    expect(f['ociVersionMin'] == '1.0.0' and f['linux']['cgroup']['v2'] is True and 'createRuntime' in f['hooks'] and 'rro' in f['mountOptions'] and
           'SCMP_ACT_TRACE' in f['linux']['seccomp']['actions'] and 'CAP_SYS_ADMIN' in f['linux']['capabilities'], f)
    b = g.bundle()
    e.ok('spec', '--bundle', b)
    e.refused('spec', '--bundle', b, words=['exists'])
    config = json.loads((b / 'config.json').read_text())
    config['process'].update(terminal=False, args=['sh', '-c', 'echo fine'])
    config['mounts'] = [m for m in config['mounts'] if m['type'] != 'cgroup']      # of a host that may have none
    config['linux'].pop('resources')
    (b / 'config.json').write_text(json.dumps(config))
    done = e('run', '-b', b, 'a')
    expect(done.code == 0 and done.out == 'fine\n', done.code, done.out, done.err)


@case
def a_config_that_is_none_is_told_where(g):
    e = Engine(g)
    b = g.bundle()
    for text, word in (('{', ':1:'), ('[]', 'want an object'), ('{"ociVersion": "1.0.2", "ociVersion": "1.0.2"}', 'duplicate'), ('{"ociVersion": "2.0.0"}', '/ociVersion'),
                       ('{"ociVersion": "1.0.0"}', '/root/path'), ('{"ociVersion": "1.0.0", "root": {"path": 3}}', '/root/path'),
                       ('{"ociVersion": "1.0.0", "root": {"path": "rootfs"}, "process": {"cwd": "/"}}', '/process/args')):
        (b / 'config.json').write_text(text)
        e.refused('create', '-b', b, 'a', words=[word])
        e.gone('a')
    (b / 'config.json').unlink()
    os.mkfifo(b / 'config.json')
    e.refused('create', '-b', b, 'a', words=['config.json'])


@case
def unknown_keys_are_ignored(g):
    e = Engine(g)
    done = e('run', '-b', e.bundle('echo ran', com_example={'x': 1}, linux={'newField': True}), 'a')
    expect(done.code == 0 and done.out == 'ran\n', done.err)


@case
def descriptors_are_passed_on_and_no_others(g):
    e = Engine(g)
    r, w = (fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 20) for fd in os.pipe())
    os.dup2(w, 3, inheritable=True)
    os.dup2(w, 4, inheritable=True)
    b = e.bundle('ls /proc/self/fd; echo through >&3')
    done = e('run', '--preserve-fds', '1', '-b', b, 'a', pass_fds=(3, 4))
    expect(done.code == 0 and os.read(r, 100) == b'through\n' and done.out.split() == ['0', '1', '2', '3', '4'], done.out, done.err)  # 4 is ls's own
    e.refused('create', '--preserve-fds', '9', '-b', b, 'a', words=['not open'])
    for fd in (r, w, 3, 4):
        os.close(fd)


@case
def the_process_is_the_callers_grandchild_when_create_is_over(g):
    e = Engine(g)
    import ctypes
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)     # PR_SET_CHILD_SUBREAPER, as conmon and the shims
    e.create('a', e.bundle('exit 9'))
    pid = e.state('a')['pid']
    expect(int(Path(f'/proc/{pid}/stat').read_text().rsplit(')', 1)[1].split()[1]) == os.getpid(), 'somebody else waits for it')
    e.ok('start', 'a')
    expect(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 9, 'the exit code')
    e.until('a', 'stopped')
    e.ok('delete', 'a')


@case
def a_pid_that_became_somebody_elses_is_not_signalled(g):
    e = Engine(g)
    e.create('a', e.bundle('true'))
    pid = e.state('a')['pid']
    e.ok('start', 'a')
    e.until('a', 'stopped')
    other = subprocess.Popen(['sleep', '100'])
    path = e.root / e.id('a') / 'state.json'
    text = json.loads(path.read_text())
    expect(text['pid'] == pid, text)
    text['pid'] = other.pid
    path.write_text(json.dumps(text))
    expect(e.state('a')['status'] == 'stopped', 'it is taken for ours')
    e.refused('kill', 'a', 'KILL', words=['not running'])
    e.ok('delete', '--force', 'a')
    expect(other.poll() is None, 'it was killed')
    other.kill()
    other.wait()


@case
def the_hosts_floor_binds_what_an_engine_asks_for(g):
    e = Engine(g)
    with host_floor() as floor:
        floor({'capabilities': ['chown']})
        b = e.bundle('grep CapBnd /proc/self/status', caps=['CAP_CHOWN', 'CAP_SYS_ADMIN'], process={'user': {'uid': 1000, 'gid': 1000}})
        e.refused('create', '-b', b, 'a', words=['floor:', 'below the floor'])
        e.gone('a')
        floor({'capabilities': ['chown'], 'oci': 'tighten'})
        done = e('run', '-b', b, 'a')
        expect(done.code == 0 and int(done.out.split()[1], 16) & 1 << 21 == 0, done.code, done.out, done.err)
        e.refused('create', '-b', e.bundle('true', comExample=1, process={'user': {'uid': 1000, 'gid': 1000}}), 'a', words=['unknown key', '/comExample'])
        floor('{')
        e.refused('create', '-b', b, 'a')


@case
def the_hosts_floor_binds_what_an_update_asks_for(g):
    """What a container had from the start, the floor has seen; so it sees what it gets later. What it lets pass: cgroups.py."""
    e = Engine(g)
    with host_floor() as floor:
        process = {'user': {'uid': 1000, 'gid': 1000}, 'rlimits': [{'type': 'RLIMIT_CORE', 'soft': 0, 'hard': 2 ** 64 - 1}]}
        e.create('a', e.bundle('sleep 100', process=process))
        floor({'oci': 'tighten'})
        e.create('b', e.bundle('sleep 100', process=process))
        floor({'limits': {'pids': 50}})
        e.refused('update', '--pids-limit', '51', 'a', words=['below the floor'])     # made before there was one
        e.refused('update', '--pids-limit', '51', 'b', words=['floor:', '/linux/resources/pids/limit', 'more than 50'])
        for name in 'a', 'b':
            e.ok('delete', '--force', name)


@case
def an_ordinary_user_has_containers_of_its_own(g):
    if Path('/proc/sys/user/max_user_namespaces').read_text().strip() == '0':
        return 'no user namespaces for anybody'
    uid, home = 12345, g.top / 'home'
    b = g.bundle()
    home.mkdir()
    shutil.move(b, home / 'b')
    shutil.copy(g.runtime, home / 'runtime')
    g.top.chmod(0o755)
    for path in (home, *home.rglob('*')):
        os.chown(path, uid, uid, follow_symlinks=False)

    def rt(*args, prefix=()):
        return subprocess.run([*prefix, home / 'runtime', *args], cwd=home / 'b', user=uid, group=uid, extra_groups=[], env={'XDG_RUNTIME_DIR': str(home)},
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    expect(rt('spec', '--rootless').returncode == 0, 'spec')
    config = json.loads((home / 'b/config.json').read_text())
    config['process'].update(terminal=False, args=['sh', '-c', 'id -u; cat /proc/self/uid_map'])
    rootless = json.dumps(config)
    (home / 'b/config.json').write_text(rootless)
    done = rt('run', 'a')
    expect(done.returncode == 0 and done.stdout.split() == ['0', '0', str(uid), '1'], done.stdout, done.stderr)
    expect(not list((home / 'casemate-runtime').iterdir()), 'something is left')
    # As podman does it: the engine makes the namespace, in which the runtime is root, but not the one of /run.
    del config['linux']['uidMappings'], config['linux']['gidMappings']
    config['linux']['namespaces'] = [n for n in config['linux']['namespaces'] if n['type'] != 'user']
    (home / 'b/config.json').write_text(json.dumps(config))
    done = rt('run', 'a', prefix=('unshare', '--user', '--map-root-user', '--mount', '--'))
    expect(done.returncode == 0 and done.stdout.split() == ['0', '0', str(uid), '1'], done.stdout, done.stderr)
    config = json.loads(rootless)
    config['linux']['uidMappings'][0]['hostID'] = uid + 1
    (home / 'b/config.json').write_text(json.dumps(config))
    done = rt('run', 'a')
    expect(done.returncode and '/linux/uidMappings' in done.stderr and f'{uid}:{uid}' in done.stderr, done.stderr)


@case
def what_cannot_be_left_again_is_entered_nevertheless(g):
    """As podman does it for an ordinary user: the network is the engine's, and the runtime in the host's, to which it could not return"""
    if Path('/proc/sys/user/max_user_namespaces').read_text().strip() == '0':
        return 'no user namespaces for anybody'
    uid, home, b = 12345, g.top / 'entering', g.bundle()
    home.mkdir()
    g.top.chmod(0o755)
    shutil.copy(g.runtime, home / 'runtime')
    shutil.move(b, home / 'b')
    with subprocess.Popen(['unshare', '--user', '--map-root-user', '--net', '--ipc', 'sh', '-c', 'echo; exec cat'], user=uid, group=uid, extra_groups=[],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        holder.stdout.readline()
        spaces = [{'type': 'mount'}, {'type': 'pid'}, *({'type': kind, 'path': f'/proc/{holder.pid}/ns/{name}'} for kind, name in (('network', 'net'), ('ipc', 'ipc')))]
        (home / 'b/config.json').write_text(json.dumps(g.config('readlink /proc/self/ns/net; readlink /proc/self/ns/ipc', linux={'namespaces': spaces})))
        for path in (home, *home.rglob('*')):
            os.chown(path, uid, uid, follow_symlinks=False)
        done = subprocess.run(['nsenter', '--target', str(holder.pid), '--user', '--preserve-credentials', 'unshare', '--mount', home / 'runtime', 'run', 'a'],
                              cwd=home / 'b', user=uid, group=uid, extra_groups=[], env={'XDG_RUNTIME_DIR': str(home), 'PATH': os.environ['PATH']},
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        want = [os.readlink(f'/proc/{holder.pid}/ns/{name}') for name in ('net', 'ipc')]
        holder.stdin.close()
    expect(done.returncode == 0 and done.stdout.split() == want, want, done.stdout, done.stderr)


@case
def an_ordinary_user_has_the_ids_that_it_was_granted(g):
    """/etc/subuid, by way of newuidmap: not one more, and groups can be set then"""
    if Path('/proc/sys/user/max_user_namespaces').read_text().strip() == '0':
        return 'no user namespaces for anybody'
    if not shutil.which('newuidmap'):
        return 'no newuidmap (package uidmap)'
    uid, home, b = 12345, g.top / 'granted', g.bundle()
    with granted(uid, 500000, 1000):
        home.mkdir()
        shutil.copy(g.runtime, home / 'runtime')
        shutil.move(b, home / 'b')
        for path in (home, *home.rglob('*')):
            os.chown(path, uid, uid, follow_symlinks=False)
        maps = [{'containerID': 0, 'hostID': uid, 'size': 1}, {'containerID': 1, 'hostID': 500000, 'size': 1000}]

        def run(ids, name):
            config = g.config('cat /proc/self/uid_map /proc/self/gid_map; id; touch /mine; exec sleep 0', namespaces=['pid', 'mount', 'ipc', 'uts', 'user'],
                              linux={'uidMappings': ids, 'gidMappings': maps})
            config['linux']['namespaces'] = [{'type': t} for t in ('pid', 'mount', 'ipc', 'uts', 'user')]
            config['process']['user'] = {'uid': 33, 'gid': 34, 'additionalGids': [35, 36]}
            (home / 'b/rootfs').chmod(0o777)
            (home / 'b/config.json').write_text(json.dumps(config))
            return subprocess.run([home / 'runtime', 'run', name], cwd=home / 'b', user=uid, group=uid, extra_groups=[4, 24],
                                  env={'XDG_RUNTIME_DIR': str(home)}, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        done = run(maps, 'a')
        expect(done.returncode == 0 and done.stdout.split()[:6] == ['0', str(uid), '1', '1', '500000', '1000'], done.stdout, done.stderr)
        expect('uid=33 gid=34 groups=34,35,36' in done.stdout or 'uid=33 gid=34 groups=35,36' in done.stdout, done.stdout)
        made = (home / 'b/rootfs/mine').stat()
        expect((made.st_uid, made.st_gid) == (500032, 500033), made)
        done = run([maps[0], {**maps[1], 'size': 1001}], 'b')
        expect(done.returncode and '/linux/uidMappings' in done.stderr and '/etc/subuid' in done.stderr, done.stderr)
        expect(not list((home / 'casemate-runtime').iterdir()), 'something is left')


@contextlib.contextmanager
def granted(uid, first, count):
    """A user of that number, with these ids: in /etc as only this process sees it."""
    with contextlib.ExitStack() as undo:
        for name, line in ('passwd', f'granted:x:{uid}:{uid}::/:/bin/sh'), ('subuid', f'granted:{first}:{count}'), ('subgid', f'granted:{first}:{count}'):
            file = Path(tempfile.mkstemp()[1])
            undo.callback(file.unlink)
            there = Path('/etc', name)
            file.write_text((there.read_text() if there.exists() else '') + line + '\n')
            file.chmod(0o644)
            mount(file, there, None, MS_BIND)
            undo.callback(libc.umount2, os.fsencode(there), MNT_DETACH)
        yield


def processes_of(root):
    """Whoever has something of that root in its command line."""
    found = []
    for p in Path('/proc').glob('[0-9]*'):
        try:
            if os.fsencode(root) in (p / 'cmdline').read_bytes():
                found.append(int(p.name))
        except OSError:
            pass
    return found


@case
def a_killed_create_leaves_what_delete_removes(g):
    e = Engine(g)
    hook = g.top / 'slow'
    hook.write_text('#!/bin/sh\nexit 0\n')
    hook.chmod(0o755)
    b = e.bundle('sleep 100', hooks={'createRuntime': [{'path': str(hook)}]})
    began = time.monotonic()
    e.create('a', b)
    whole = time.monotonic() - began
    e.ok('delete', '--force', 'a')
    left = {'nothing': 0}
    for i in range(120):
        p = subprocess.Popen([g.runtime, '--root', e.root, 'create', '-b', b, e.id('a')], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(whole * 1.1 * i / 120)
        p.kill()
        p.wait()
        state = e('state', 'a')
        if state.code:
            expect('does not exist' in state.err, i, state.err)
            left['nothing'] += 1
        else:
            status = json.loads(state.out)['status']
            left[status] = left.get(status, 0) + 1
            expect(status in ('created', 'stopped', 'creating'), i, status)     # creating: the child has not ended yet
            e.ok('delete', '--force', 'a')
        e.gone('a')
        until(lambda: not processes_of(e.root), f'{i}: its process is gone: {state.out}')
    print('# killed at 120 moments:', left)
    expect(left.get('created', 0) + left.get('stopped', 0) > 3, 'the moments were not spread:', left)


@case
def two_at_once_do_not_meet(g):
    e = Engine(g)
    b = e.bundle('sleep 100')
    codes = []

    def one():
        codes.append(subprocess.run([g.runtime, '--root', e.root, 'create', '-b', b, e.id('a')], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                    stderr=subprocess.DEVNULL, timeout=60).returncode)
    threads = [threading.Thread(target=one) for _ in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    expect(sorted(codes)[0] == 0 and codes.count(0) == 1, codes)
    starts = [subprocess.Popen([g.runtime, '--root', e.root, 'start', e.id('a')], stderr=subprocess.DEVNULL) for _ in range(4)]
    expect(sum(p.wait() == 0 for p in starts) == 1, 'started more than once, or not at all')
    e.ok('delete', '--force', 'a')


@case
def a_terminating_signal_reaches_what_runs_in_the_foreground(g):
    e = Engine(g)
    b = e.bundle('trap "exit 5" TERM; echo up > /up; while :; do sleep 0.05; done')
    p = subprocess.Popen([g.runtime, '--root', e.root, 'run', '-b', b, e.id('a')], stdin=subprocess.DEVNULL)
    until((b / 'rootfs/up').exists, 'it runs')
    p.send_signal(signal.SIGTERM)
    expect(p.wait(timeout=20) == 5, p.returncode)
    e.gone('a')


@contextlib.contextmanager
def at_the_first_open(root, name, act):
    """Whoever opens a file of that name there waits, once, until act() has been called with it: fanotify(7)."""
    content, cloexec, add, on_mount, open_perm, allow = 4, 1, 1, 0x10, 0x10000, 1
    root.mkdir()
    mount('tmpfs', root, 'tmpfs', data='mode=700')      # nobody else opens anything there
    fan = libc.fanotify_init(content | cloexec, os.O_RDONLY | os.O_CLOEXEC)
    if fan < 0 or libc.fanotify_mark(fan, add | on_mount, ctypes.c_uint64(open_perm), -100, os.fsencode(root)):
        raise OSError(ctypes.get_errno(), 'fanotify')
    seen, end = [], os.pipe()

    def answer():
        while fan in select.select([fan, end[0]], [], [])[0]:
            events = os.read(fan, 4096)
            for at in range(0, len(events), 24):
                fd = struct.unpack_from('=IBBHQii', events, at)[5]
                if os.readlink(f'/proc/self/fd/{fd}').endswith('/' + name) and not seen:
                    seen.append(name)
                    after = act(fd)
                else:
                    after = None
                os.write(fan, struct.pack('=iI', fd, allow))
                if after:
                    after()
                os.close(fd)
    thread = threading.Thread(target=answer)
    thread.start()
    try:
        yield
        expect(seen, f'nobody has opened {name}')
    finally:
        os.write(end[1], b'x')
        thread.join()
        for fd in fan, *end:
            os.close(fd)


@case
def who_looks_at_a_container_that_is_being_made_does_no_harm(g):
    """`list` and `state` ask whether the lock is held by taking it for a moment; who deletes what has stopped may take it for that"""
    def look(fd):
        fcntl.flock(fd, fcntl.LOCK_SH)
        return lambda: time.sleep(0.3)      # it is closed after that

    def remove(fd):
        lock = Path(os.readlink(f'/proc/self/fd/{fd}'))
        lock.unlink()
        lock.parent.rmdir()
    for act in look, remove:
        e = Engine(g)
        with at_the_first_open(e.root, 'lock', act):
            e.create('a', e.bundle('sleep 100'))
        expect(e.state('a')['status'] == 'created', act.__name__, e.state('a'))
        e.ok('delete', '--force', 'a')
        e.gone('a')


@case
def what_is_being_removed_does_not_come_back(g):
    """Its lock goes last but for the directory: whoever finds that has no container before it"""
    e = Engine(g)
    e.root.mkdir(mode=0o700)
    at = e.root / e.id('a')
    for verb, *more in ('state',), ('start',), ('pause',), ('resume',), ('update', '--pids-limit', '5'), ('delete',):
        at.mkdir()
        e.refused(verb, *more, 'a', words=['does not exist'])
        expect(not at.exists(), verb, 'leaves', at.exists() and list(at.iterdir()))
    at.mkdir()
    expect(e.ok('list', '-q').out == '', 'it is listed')
    at.mkdir()
    e.ok('delete', '--force', 'a')
    e.gone('a')


@case
def a_directory_that_cannot_be_removed_is_told(g):
    e = Engine(g)
    e.create('a', e.bundle('true'))
    e.ok('kill', 'a', 'KILL')
    e.until('a', 'stopped')
    stray = e.root / e.id('a') / 'stray'
    stray.write_text('')
    for i in range(2):
        e.refused('delete', 'a', words=["'stray'", 'remove it'])
        expect(e.ok('list', '-q').out == e.id('a') + '\n', 'it is not listed any more')
    stray.unlink()
    e.ok('delete', '--force', 'a')
    e.gone('a')


@case
def a_state_that_cannot_be_read_can_be_deleted(g):
    e = Engine(g)
    for damage in (lambda f: f.write_text(''), lambda f: f.write_text('{"pid": 1'), lambda f: (f.unlink(), f.symlink_to('lock'))):
        e.create('a', e.bundle('true'))
        e.ok('kill', 'a', 'KILL')
        e.until('a', 'stopped')
        damage(e.root / e.id('a') / 'state.json')
        e.refused('state', 'a', words=['--force'])
        e.refused('delete', 'a', words=['--force'])
        listed = json.loads(e.ok('list', '-f', 'json').out)
        expect([(c['id'], c['status']) for c in listed] == [(e.id('a'), 'stopped')], listed)
        done = e.ok('delete', '--force', 'a')
        expect('the state of' in done.err, 'nothing is said of it:', done.err)
        e.gone('a')
    e.create('a', e.bundle('true'))     # the id is free, and what the last one could not name goes with the next
    e.ok('delete', '--force', 'a')


@case
def a_killed_start_is_a_start(g):
    """What has been connected to goes on, whatever becomes of who did that: it is not created any more"""
    e, go = Engine(g), g.top / 'go'
    os.mkfifo(go)
    b = e.bundle('sleep 100', mounts=[{'destination': '/go', 'type': 'none', 'source': str(go), 'options': ['bind']}],
                 hooks={'startContainer': [{'path': '/bin/sh', 'args': ['sh', '-c', 'echo > /begun; cat /go']}]})
    (b / 'rootfs/go').write_text('')
    e.create('a', b)
    with subprocess.Popen([g.runtime, '--root', e.root, 'start', e.id('a')], stderr=subprocess.DEVNULL) as start:
        until((b / 'rootfs/begun').exists, 'its hook runs')
        start.kill()
    go.write_text('')
    pid = e.state('a')['pid']
    until(lambda: Path(f'/proc/{pid}/cmdline').read_bytes().startswith(b'sleep'), 'its program runs')
    expect(e.state('a')['status'] == 'running', e.state('a'))
    # As if it had been killed before it could say so.
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as nobody:
        nobody.bind(str(e.root / e.id('a') / 'start'))
    expect(e.state('a')['status'] == 'created', e.state('a'))
    e.refused('start', 'a', words=['it was started'])
    expect(e.state('a')['status'] == 'running', e.state('a'))
    e.ok('delete', '--force', 'a')


@case
def the_end_of_what_ran_in_the_foreground_is_one_commands(g):
    """Whoever holds the lock when it ends: run waits, and has nothing to do where the container has been deleted"""
    for deleted in False, True:
        e, ended = Engine(g), g.top / 'ended'
        ended.unlink(missing_ok=True)
        hook = g.top / 'poststop'
        hook.write_text(f'#!/bin/sh\necho >> {ended}\n')
        hook.chmod(0o755)
        b = e.bundle('echo > /up; while ! test -e /go; do sleep 0.05; done; exit 5', hooks={'poststop': [{'path': str(hook)}]})
        p = subprocess.Popen([g.runtime, '--root', e.root, 'run', '-b', b, e.id('a')], stdin=subprocess.DEVNULL)
        until((b / 'rootfs/up').exists, 'it runs')
        at = e.root / e.id('a')
        until(lambda: not (at / 'start').exists(), 'its start is over')
        with open(at / 'lock') as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            (b / 'rootfs/go').write_text('')
            e.until('a', 'stopped')
            time.sleep(0.5)
            expect(p.poll() is None and not ended.exists(), 'it did not wait for the lock')
            if deleted:
                shutil.rmtree(at)
        expect(p.wait(timeout=20) == 5 and ended.exists() == (not deleted), p.returncode, deleted)
        e.gone('a')


@case
def where_containers_cannot_be_looked_for_there_is_no_answer(g):
    """Not being able to look is not to find none: an engine would forget its own"""
    e = Engine(g)
    expect(e.ok('list', '-f', 'json').out == '[]\n', 'nobody has made one yet')
    e.create('a', e.bundle('sleep 100'))
    e.root.chmod(0o770)
    for verb, *more in ('list',), ('state', 'a'), ('delete', '--force', 'a'):
        done = e.refused(verb, *more, words=['writable by others'])
        expect('does not exist' not in done.err, done.err)
    e.root.chmod(0o700)
    e.ok('delete', '--force', 'a')
    other = Engine(g)
    other.root.write_text('')
    other.refused('list', words=['cannot open'])


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:], os.environ.get('MUST_WORK')))
