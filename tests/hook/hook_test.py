#!/usr/bin/env python3
"""hook_test.py CASEMATE_HOOK CASEMATE_RUNTIME - casemate-hook from outside: every stage by its standard input, hostile input, and as a hook of
crun and runc where they are installed; and the same judge in casemate-runtime. Needs root: policies and floors are root's files, in an /etc of the test's own."""
import copy
import ctypes
import hashlib
import json
import os
from pathlib import Path
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import time

HERE = Path(__file__).resolve().parents[2]
HOOK = Path(sys.argv[1]).resolve()
RUNTIME = Path(sys.argv[2]).resolve()
FINE, REFUSED, USAGE, INPUT, HOST, DRIFT, LATE = range(7)
POLICY = {
    'version': 1, 'rootfs': '/srv/none', 'args': ['/none'], 'user': {'uid': 10001, 'gid': 10002}, 'init': False, 'landlock': False,
    'network': {'mode': 'path', 'path': '/run/netns/none'}, 'namespaces': {'user': False, 'time': False, 'cgroup': False},
    'capabilities': ['KILL'],
}
failures = 0


def expect(what, condition, *more):
    global failures
    if not condition:
        failures += 1
        print('FAILED:', what, *more)


def hook(*arguments, stdin=b'', env=None, **more):
    if not isinstance(stdin, bytes):
        stdin = json.dumps(stdin).encode()
    done = subprocess.run([HOOK, *arguments], input=stdin, capture_output=True, timeout=60, env=env, **more)
    done.err = done.stderr.decode(errors='replace')
    if done.returncode:
        expect('one line that says why', done.err.count('\n') == 1 and done.err.startswith('casemate-hook: '), arguments, repr(done.err))
    return done


def config(**annotations):
    """What an engine writes for `run IMAGE` with nothing asked for: too much of everything."""
    caps = ['CAP_CHOWN', 'CAP_KILL', 'CAP_NET_RAW', 'CAP_SYS_CHROOT']
    hard = ['nosuid', 'noexec', 'nodev']
    return {
        'ociVersion': '1.0.2',
        'process': {'terminal': False, 'user': {'uid': 0, 'gid': 0}, 'args': ['sh', '-c', 'echo begun'], 'cwd': '/',
                    'env': ['PATH=/bin'], 'capabilities': {name: list(caps) for name in ('bounding', 'effective', 'permitted')},
                    'rlimits': [{'type': 'RLIMIT_NOFILE', 'hard': 18446744073709551615, 'soft': 1024}]},
        'root': {'path': 'rootfs', 'readonly': False},
        'hostname': 'c1',
        'mounts': [
            {'destination': '/proc', 'type': 'proc', 'source': 'proc', 'options': hard},
            {'destination': '/dev', 'type': 'tmpfs', 'source': 'tmpfs', 'options': ['nosuid', 'strictatime', 'mode=755', 'size=65536k']},
            {'destination': '/sys', 'type': 'sysfs', 'source': 'sysfs', 'options': [*hard, 'ro']},
        ],
        'x-of-an-engine': {'b': 1, 'a': [1.50, 123456789012345678901]},
        'linux': {'namespaces': [{'type': t} for t in ('pid', 'network', 'ipc', 'uts', 'mount')],
                  'maskedPaths': ['/proc/kcore', '/proc/of-the-engine'], 'readonlyPaths': ['/proc/sys']},
        'annotations': annotations,
    }


def named(name='web'):
    return {'io.casemate.policy': name}


def put(path, value, mode=0o644):
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    path.chmod(mode)
    return path


# --- precreate ---

def tightens():
    done = hook('precreate', stdin=config(**named()))
    expect('tightened', done.returncode == FINE, done.err)
    out = json.loads(done.stdout)
    process = out['process']
    expect('capabilities', all(v == ['CAP_KILL'] for v in process['capabilities'].values()), process['capabilities'])
    expect('ids', process['user']['uid'] == 10001 and process['user']['gid'] == 10002, process['user'])
    expect('no_new_privs', process['noNewPrivileges'] is True)
    expect('apparmor', process['apparmorProfile'] == 'casemate-default')
    expect('rlimits', {'type': 'RLIMIT_NOFILE', 'hard': 1024, 'soft': 1024} in process['rlimits'], process['rlimits'])
    expect('root', out['root']['readonly'] is True and any(m['destination'] == '/tmp' for m in out['mounts']))
    expect('seccomp', out['linux']['seccomp']['defaultAction'] == 'SCMP_ACT_ERRNO')
    expect('limits', out['linux']['resources']['memory'] == {'limit': 512 << 20, 'swap': 512 << 20}, out['linux']['resources'])
    expect('masks', {'/proc/of-the-engine', '/proc/kcore', '/proc/keys'} <= set(out['linux']['maskedPaths']))
    expect('what is not understood', b'"x-of-an-engine":{"b":1,"a":[1.5,123456789012345678901]}' in done.stdout, done.stdout[:300])
    expect('the order of keys', list(out) == list(config(a='b')), list(out))
    again = hook('precreate', '--mode', 'deny', stdin=done.stdout)
    expect('what was tightened is not refused', again.returncode == FINE and again.stdout == done.stdout, again.err)


def refuses():
    done = hook('precreate', '--mode', 'deny', stdin=config(**named()))
    expect('refused', done.returncode == REFUSED and not done.stdout, done)
    for word in 'precreate', '/root/readonly', 'and volumes or a tmpfs', 'web.json':
        expect(f'says {word}', word in done.err, done.err)
    done = hook('precreate', '--floor', 'restricted', stdin=config())
    expect('what cannot be made good is refused in both modes', done.returncode == REFUSED and 'user.uid' in done.err, done.err)


def leaves_alone():
    for given in config(), config(a='b'):
        text = json.dumps(given, indent=3).encode() + b'\n\n'
        expect('no bound, no change', hook('precreate', stdin=text).stdout == text)
    clean = json.loads(hook('precreate', stdin=config(**named())).stdout)
    text = json.dumps(clean, indent=1).encode()
    expect('nothing to do, no change', hook('precreate', stdin=text).stdout == text)


def names():
    put('/etc/casemate/secret.json', POLICY)
    put('/etc/casemate/policies/.hidden.json', POLICY)
    for name in '../secret', '../secret.json', '/etc/casemate/secret.json', '.hidden', '', '..', 'a/b', 'web\n', 'w' * 200, 'ẅeb':
        done = hook('precreate', stdin=config(**named(name)))
        expect(f'the name {name!r}', done.returncode == REFUSED and 'annotations' in done.err, done.err)
    expect('a name that is none', hook('precreate', stdin=config(**named(5))).returncode == REFUSED)
    expect('a policy that is not there', hook('precreate', stdin=config(**named('none'))).returncode == HOST)
    expect('with its ending', hook('precreate', stdin=config(**named('web.json'))).returncode == FINE)


def trust():
    path = put('/etc/casemate/policies/mine.json', POLICY)
    for what, break_it in {'owner': lambda: os.chown(path, 1000, 0), 'mode': lambda: path.chmod(0o664),
                           'directory': lambda: path.parent.chmod(0o777)}.items():
        break_it()
        done = hook('precreate', stdin=config(**named('mine')))
        expect(f'a policy with the wrong {what}', done.returncode == HOST and 'chown root:root' in done.err, done.err)
        os.chown(path, 0, 0)
        path.chmod(0o644)
        path.parent.chmod(0o755)
    path.rename('/etc/casemate/elsewhere.json')
    path.symlink_to('../elsewhere.json')
    expect('a link', hook('precreate', stdin=config(**named('mine'))).returncode == HOST)
    put('/etc/casemate/policies/wrong.json', {**POLICY, 'capabilitys': []})
    done = hook('precreate', stdin=config(**named('wrong')))
    expect('a policy that is wrong', done.returncode == HOST and 'wrong.json' in done.err and 'capabilitys' in done.err, done.err)


def floors():
    floor = put('/etc/casemate/floor.json', {'version': 1, 'description': 'ask the tester', 'limits': {'pids': 20}, 'capabilities': []})
    out = json.loads(hook('precreate', stdin=config(**named())).stdout)
    expect('the floor and the policy', out['linux']['resources']['pids']['limit'] == 20 and out['process']['capabilities']['bounding'] == [], out)
    done = hook('precreate', '--mode', 'deny', stdin=config())
    expect('whom to ask', done.returncode == REFUSED and 'ask the tester' in done.err, done.err)
    done = hook('precreate', '--without', 'apparmor', stdin=config(**named()))
    expect('the floor lets nothing be waived', done.returncode == HOST and '--without apparmor' in done.err, done.err)
    floor.chmod(0o666)
    expect('a floor that anybody can write', hook('precreate', stdin=config()).returncode == HOST)
    floor.unlink()
    out = json.loads(hook('precreate', '--without', 'apparmor,seccomp', stdin=config(**named())).stdout)
    expect('waived', 'apparmorProfile' not in out['process'] and 'seccomp' not in out['linux'])
    mine = put('/etc/casemate/mine.json', {'version': 1, 'limits': {'pids': 7}, 'user': {'uid': {'min': 1}}})
    given = config()
    given['process']['user'] = {'uid': 5, 'gid': 5}
    out = json.loads(hook('precreate', '--floor', mine, '--floor', 'baseline', stdin=given).stdout)
    expect('two floors', out['linux']['resources']['pids']['limit'] == 7 and 'CAP_NET_RAW' not in out['process']['capabilities']['bounding'])
    expect('a floor that is not there', hook('precreate', '--floor', '/etc/casemate/none', stdin=given).returncode == HOST)


def sleeping(*unshare):
    """A process in namespaces of its own."""
    process = subprocess.Popen(['unshare', *unshare, 'sleep', '60'])
    while os.readlink(f'/proc/{process.pid}/exe').endswith('unshare'):
        time.sleep(.05)
    return process


def joined_namespaces():
    """A user namespace that is joined has maps of its own, whatever stands beside its path."""
    given = config()
    maps = [{'containerID': 0, 'hostID': 100000, 'size': 65536}]
    for outside in 0, 100000:
        with sleeping('--user') as process:
            for name in 'uid_map', 'gid_map':
                Path(f'/proc/{process.pid}/{name}').write_text(f'0 {outside} 65536')
            given['linux'] = {**config()['linux'], 'uidMappings': maps, 'gidMappings': maps,
                              'namespaces': [*config()['linux']['namespaces'], {'type': 'user', 'path': f'/proc/{process.pid}/ns/user'}]}
            done = hook('precreate', '--floor', 'baseline', stdin=given)
            expect(f'root is {outside} outside', (done.returncode == FINE) == bool(outside), done.returncode, done.err)
            process.kill()
    with sleeping('--net') as process:
        theirs = f'/proc/{process.pid}/ns/net'
        for path, fine in (theirs, True), ('/proc/1/ns/net', False), ('/etc/passwd', False), ('/proc/self/fd/0', False):
            given['linux'] = {**config()['linux'], 'namespaces': [{'type': t} for t in ('pid', 'ipc', 'uts', 'mount')] + [{'type': 'network', 'path': path}]}
            given['process']['user'] = {'uid': 5, 'gid': 5}
            done = hook('precreate', '--floor', 'baseline', stdin=given)
            expect(f'the network {path}', (done.returncode == FINE) == fine, done.returncode, done.err)
        process.kill()


# --- hostile ---

def hostile_input():
    text = json.dumps(config(**named())).encode()
    for what, stdin in {
        'nothing': b'', 'no object': b'[]', 'half': text[:200], 'two': text + text, 'a key twice': b'{"a":1,"a":2}', 'NUL': b'{"a":"\\u0000"}',
        'deep': b'[' * 200000, 'deeper': b'{"a":' * 100000, 'not UTF-8': b'{"a":"\xff\xfe"}', '10 MB': text + b' ' * (10 << 20), 'binary': os.urandom(5000),
        'a number that hides': b'{"a":"\\u0001number 5"}',
    }.items():
        done = hook('precreate', stdin=stdin)
        expect(what, done.returncode == INPUT and not done.stdout, done.returncode, done.err)
    for what, change in {
        'a type': {'process': []}, 'no process': {'process': None}, 'another case': {'Process': {}},
        'null in a list': {'mounts': [{'destination': '/x', 'type': 'tmpfs', 'options': [None]}]}, 'null in a map': {'linux': {'sysctl': {'a': None}}},
        'a name that Go folds': {'mount\u017f': []},
    }.items():
        done = hook('precreate', stdin={**config(**named()), **change})
        expect(what, done.returncode == REFUSED and not done.stdout, done.returncode, done.err)
    started = time.monotonic()
    with subprocess.Popen([HOOK, 'precreate', '--timeout', '1'], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as waiting:
        expect('input that never ends', waiting.wait(timeout=30) == LATE and time.monotonic() - started < 15)
    done = subprocess.run(f'yes | {HOOK} precreate', shell=True, capture_output=True, timeout=60)
    expect('input without an end', done.returncode == INPUT)
    with open('/dev/full', 'wb') as full:
        done = subprocess.run([HOOK, 'precreate'], input=text, stdout=full, stderr=subprocess.PIPE, timeout=60)
    expect('no room for the output', done.returncode == HOST)


def hostile_surroundings():
    program = HOOK.read_bytes()
    sanitized = b'__asan_init' in program    # such a build is dynamic, and for developers
    expect('one static file', sanitized or b'\0/lib64/ld-linux' not in program and b'ld-linux-x86-64.so.2\0' not in program.split(b'.shstrtab')[0][:4096])
    where = Path(tempfile.mkdtemp())
    source = put(where / 'evil.c', '#include <stdio.h>\n__attribute__((constructor)) static void f(void) { fclose(fopen("/etc/loaded", "w")); }\n')
    subprocess.run(['cc', '-shared', '-fPIC', '-o', where / 'evil.so', source], check=True)
    text = json.dumps(config(**named())).encode()
    if not sanitized:
        done = hook('precreate', stdin=text, cwd=where, env={'LD_PRELOAD': './evil.so', 'LD_LIBRARY_PATH': '.', 'LD_AUDIT': './evil.so', 'PATH': '.', 'TMPDIR': '.',
                                                             'MALLOC_TRACE': '/etc/loaded', 'GCONV_PATH': '.'})
        expect('the environment is not used', done.returncode == FINE and not Path('/etc/loaded').exists())
    gone = Path(tempfile.mkdtemp())
    done = subprocess.run(['sh', '-c', f'cd {gone} && rmdir {gone} && exec {HOOK} precreate'], input=text, capture_output=True)
    expect('a working directory that is gone', done.returncode == FINE)
    expect('signals that are blocked', subprocess.run(['sh', '-c', f'trap "" TERM ALRM HUP; exec {HOOK} precreate'], input=text, capture_output=True).returncode == FINE)
    for arguments in [], ['nonsense'], ['precreate', '--mode', 'x'], ['precreate', '--timeout', '0'], ['precreate', '--timeout', '9999'], ['precreate', 'x'], \
            ['precreate', '--without', 'nothing'], ['precreate', '--floor'], ['precreate', '--what']:
        expect(f'usage {arguments}', hook(*arguments, stdin=text).returncode == USAGE)
    expect('help', b'precreate' in hook('--help').stdout and b'casemate-hook' in hook('--version').stdout)


def states():
    state = {'ociVersion': '1.0.2', 'id': 'x', 'status': 'creating', 'pid': os.getpid(), 'bundle': '/nonexistent'}
    for stage in 'createRuntime', 'poststart':
        for what, change in {'no bundle': {}, 'a relative one': {'bundle': 'x'}, 'no id': {'id': ''}, 'an id that is none': {'id': 5}, 'no pid': {'pid': 0},
                             'a pid that is none': {'pid': -1}, 'a long one': {'pid': 1 << 40}}.items():
            expect(f'{stage}: {what}', hook(stage, stdin={**state, **change}).returncode == INPUT)
    bundle = Path(tempfile.mkdtemp())
    os.mkfifo(bundle / 'config.json')
    expect('a bundle that never ends', hook('createRuntime', stdin={**state, 'bundle': str(bundle)}).returncode == INPUT)
    (bundle / 'config.json').unlink()
    (bundle / 'config.json').symlink_to('/etc/passwd')
    expect('a link', hook('createRuntime', stdin={**state, 'bundle': str(bundle)}).returncode == INPUT)
    expect('an end without a bundle is an end', hook('poststop', stdin={**state, 'pid': 0}).returncode == FINE)


# --- in the runtimes ---

def make_bundle(given, stages=('createRuntime', 'poststart', 'poststop'), arguments=()):
    bundle = Path(tempfile.mkdtemp(dir='/run/hook-test'))
    rootfs = bundle / 'rootfs'
    for name in 'bin', 'proc', 'sys', 'dev', 'tmp':
        (rootfs / name).mkdir(parents=True)
    shutil.copy('/usr/bin/busybox', rootfs / 'bin')
    for name in 'sh', 'sleep', 'nc', 'cat':
        (rootfs / 'bin' / name).symlink_to('busybox')
    given = copy.deepcopy(given)
    given['hooks'] = {stage: [{'path': str(HOOK), 'args': ['casemate-hook', stage, *arguments]}] for stage in stages}
    put(bundle / 'config.json', given)
    return bundle


def runtimes():
    """Without cgroups: runc takes a tree that cannot be written, crun wants none at all."""
    none = ['unshare', '-m', 'sh', '-c', 'mount -t tmpfs tmpfs /sys/fs/cgroup && exec "$@"', 'without']
    for name, wrapper, options in ('crun', none, ['--cgroup-manager=disabled']), ('runc', [], ['--rootless', 'true']):
        if shutil.which(name):
            yield name, [*wrapper, name, '--root', f'/run/hook-test/{name}', *options]


def tight(command, **changes):
    """Tightened, and what this machine cannot give taken away again."""
    given = config(**named())
    given['process']['args'] = ['sh', '-c', command]
    given['process']['rlimits'][0]['hard'] = 1024
    out = json.loads(hook('precreate', '--without', WAIVED, stdin={**given, **changes}).stdout)
    return out


# The controllers of a machine that tests are run on may be anywhere, and AppArmor may be missing: shown in the VM.
WAIVED = 'apparmor,limits,devices'


def run(command, bundle, name, detach=False):
    return subprocess.run([*command, 'run', *(['-d'] if detach else []), '--bundle', bundle, name], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=60)


def events():
    path = Path('/etc/casemate/audit')
    lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    path.unlink(missing_ok=True)
    return lines


def in_runtimes():
    put('/etc/casemate/floor.json', {'version': 1, 'audit': {'file': '/etc/casemate/audit'}, 'without': ['apparmor', 'limits', 'devices']})
    for name, command in runtimes():
        good = make_bundle(tight('echo begun; cat /proc/self/status'), arguments=['--without', WAIVED])
        events()
        done = run(command, good, f'good-{name}')
        expect(f'{name}: a tightened container runs', done.returncode == 0 and 'begun' in done.stdout, done)
        expect(f'{name}: as it should', 'CapBnd:\t0000000000000020' in done.stdout and 'NoNewPrivs:\t1' in done.stdout and 'Seccomp:\t2' in done.stdout, done.stdout)
        seen = events()
        expect(f'{name}: events', [e['event'] for e in seen] in (['created', 'verified', 'stopped'], ['created', 'stopped']), seen)
        expect(f'{name}: the digest', seen and seen[0]['config_sha256'] == hashlib.sha256((good / 'config.json').read_bytes()).hexdigest())
        bad = make_bundle({**tight('echo begun'), 'root': {'path': 'rootfs'}}, arguments=['--without', WAIVED])
        events()
        done = run(command, bad, f'bad-{name}')
        expect(f'{name}: an untightened one does not', done.returncode != 0 and 'begun' not in done.stdout, done)
        expect(f'{name}: and is told why', 'casemate-hook: createRuntime: /root/readonly' in done.stderr or name == 'crun', done.stderr)
        expect(f'{name}: refused', [e['event'] for e in events()][:1] == ['refused'])
        preloaded(name, command)
        drift(name, command)
        ports(name, command)
    Path('/etc/casemate/floor.json').unlink()


def preloaded(name, command):
    """CVE-2025-23266: what the image's environment says must not be loaded into the hook."""
    Path('/etc/loaded').unlink(missing_ok=True)
    given = tight('echo begun')
    given['process']['env'] += ['LD_PRELOAD=./evil.so', 'LD_LIBRARY_PATH=.']
    bundle = make_bundle(given, arguments=['--without', WAIVED])
    source = put(bundle / 'evil.c', '#include <stdio.h>\n__attribute__((constructor)) static void f(void) { fclose(fopen("/etc/loaded", "w")); }\n')
    for where in bundle, bundle / 'rootfs':
        subprocess.run(['cc', '-shared', '-fPIC', '-o', where / 'evil.so', source], check=True)
    done = run(command, bundle, f'preload-{name}')
    expect(f'{name}: nothing of the image is loaded', done.returncode == 0 and not Path('/etc/loaded').exists(), done)


def drift(name, command):
    """Another config.json than the one that the runtime read: the process is not what it says."""
    lax = tight('sleep 60')
    lax['process']['capabilities']['bounding'].append('CAP_CHOWN')
    bundle = make_bundle(lax, stages=('poststart',), arguments=['--without', WAIVED])
    text = json.loads((bundle / 'config.json').read_text())
    text['process']['capabilities']['bounding'].remove('CAP_CHOWN')
    put(bundle / 'after.json', text)
    text['process']['capabilities']['bounding'].append('CAP_CHOWN')
    # It reads what it is told: crun takes a hook that ends before that for one that failed.
    text['hooks']['createRuntime'] = [{'path': '/bin/sh', 'args': ['sh', '-c', f'cat >/dev/null; cp {bundle}/after.json {bundle}/config.json']}]
    put(bundle / 'config.json', text)
    events()
    started = time.monotonic()
    done = run(command, bundle, f'drift-{name}')
    expect(f'{name}: killed on drift', done.returncode != 0 and time.monotonic() - started < 30, done)
    seen = [e for e in events() if e['event'] == 'alert']
    expect(f'{name}: and written down', len(seen) == 1 and {f['path'] for f in seen[0]['findings']} == {'capabilities'}, seen, done)


def without_its_first_thread():
    """A process that goes on without it is a zombie by its letter, and cannot be looked at."""
    place = Path(tempfile.mkdtemp(dir='/run/hook-test'))
    put(place / 'config.json', {'ociVersion': '1.0.2', 'root': {'path': 'rootfs'}, 'linux': {'namespaces': [{'type': 'mount'}]},
                                'process': {'user': {'uid': 0, 'gid': 0}, 'args': ['x'], 'cwd': '/', 'capabilities': {}}})
    with subprocess.Popen([os.environ.get('PROBE', HERE / 'build/tests/scenarios/probe'), 'leaderless']) as it:
        while Path(f'/proc/{it.pid}/stat').read_text().rsplit(')', 1)[1].split()[0] != 'Z':
            time.sleep(0.01)
        state = {'ociVersion': '1.0.2', 'id': 'x', 'status': 'running', 'pid': it.pid, 'bundle': str(place)}
        done = subprocess.run([HOOK, 'poststart', '--floor', 'baseline'], input=json.dumps(state).encode(), capture_output=True)
        expect('a process without its first thread is looked at', done.returncode == DRIFT, done)
        it.kill() if done.returncode != DRIFT else None
        expect('and killed', it.wait(20) == -9)


def in_a_user_namespace():
    """As rootless engines call it: from the user namespace that the container lives in as well."""
    place = Path(tempfile.mkdtemp(dir='/run/hook-test'))
    place.chmod(0o755)
    program = shutil.copy(HOOK, place)
    given = {'ociVersion': '1.0.2', 'root': {'path': 'rootfs'}, 'linux': {'namespaces': []},
             'process': {'user': {'uid': 10001, 'gid': 10002}, 'args': ['sleep'], 'cwd': '/', 'noNewPrivileges': True, 'capabilities': {}}}
    workload = ['setpriv', '--reuid=10001', '--regid=10002', '--clear-groups', '--bounding-set=-all', '--inh-caps=-all', '--no-new-privs', 'sleep', '60']
    for uid, want in (10001, FINE), (10003, DRIFT):
        given['process']['user']['uid'] = uid
        put(place / 'config.json', given)
        (ready, made), (go, mapped) = os.pipe(), os.pipe()
        pid = os.fork()
        if pid == 0:
            status = 99
            try:
                ctypes.CDLL(None).unshare(0x10000000)       # CLONE_NEWUSER
                os.write(made, b'x'), os.read(go, 1)
                os.setresgid(0, 0, 0), os.setresuid(0, 0, 0)
                with subprocess.Popen(workload) as it:
                    while b'sleep' not in Path(f'/proc/{it.pid}/cmdline').read_bytes()[:5]:
                        time.sleep(0.01)
                    state = {'ociVersion': '1.0.2', 'id': 'x', 'status': 'running', 'pid': it.pid, 'bundle': str(place)}
                    status = subprocess.run([program, 'poststart', '--floor', 'baseline'], input=json.dumps(state).encode(), stderr=subprocess.DEVNULL).returncode
                    it.kill()
            finally:
                os._exit(status)
        os.read(ready, 1)
        for file in 'uid_map', 'gid_map':
            Path(f'/proc/{pid}/{file}').write_text('0 100000 65536')
        os.write(mapped, b'x')
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        expect(f'in one user namespace, {uid}', status == want, status)
        for fd in ready, made, go, mapped:
            os.close(fd)


def ports(name, command):
    """network.connect and network.listen, in the container's network namespace."""
    put('/etc/casemate/policies/web.json', {**POLICY, 'network': {**POLICY['network'], 'connect': [7001], 'listen': [7001, 7002]}})
    given = config(**named())
    given['hooks'] = {'createRuntime': [{'path': str(HOOK), 'args': ['casemate-hook', 'createRuntime']}]}
    given['process']['rlimits'][0]['hard'] = 1024
    given['process']['args'] = ['sh', '-c', 'for p in 7001 7002 7003; do nc -l -p $p </dev/null >/dev/null & done; sleep 1; '
                                            'for p in 7001 7002 7003; do nc -w 2 127.0.0.1 $p </dev/null && echo got $p || echo no $p; done']
    with subprocess.Popen(['unshare', '-n', 'sh', '-c', 'ip link set lo up; echo; exec cat'], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as space:
        space.stdout.readline()
        net = f'/proc/{space.pid}/ns/net'
        for n in given['linux']['namespaces']:
            if n['type'] == 'network':
                n['path'] = net
        done = hook('precreate', '--without', WAIVED, stdin=given)
        expect(f'{name}: ports are held by the next stage', done.returncode == FINE, done.err)
        without = hook('precreate', '--without', WAIVED, stdin={**given, 'hooks': {}})
        expect(f'{name}: and refused without it', without.returncode == REFUSED and 'createRuntime' in without.err, without.err)
        bundle = make_bundle(json.loads(done.stdout), arguments=['--without', WAIVED])
        done = run(command, bundle, f'ports-{name}')
        expect(f'{name}: only the port that is listed is connected to', done.stdout.split('\n')[:3] == ['got 7001', 'no 7002', 'no 7003'], done)
        rest = subprocess.run(['nsenter', f'--net={net}', sys.executable, '-c', TABLES], capture_output=True, text=True)
        expect(f'{name}: nothing is left in a namespace that stays', rest.stdout.strip() == '0', rest)
        space.stdin.close()
    put('/etc/casemate/policies/web.json', POLICY)


# How many nf_tables tables there are: NFT_MSG_GETTABLE, a dump.
TABLES = '''
import socket, struct
s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)
s.send(struct.pack('IHHIIBBH', 20, 10 << 8 | 1, 0x301, 1, 0, 0, 0, 0))
data, n = s.recv(65536), 0
while len(data) >= 16:
    size, kind = struct.unpack('IH', data[:6])
    n += kind == 10 << 8
    data = data[(size + 3) & ~3:]
print(n)
'''


def in_casemate_runtime():
    """The host's floor binds what comes without a hook: refused, or tightened, as its key says; exec as well."""
    given = config()
    given['process']['user'] = {'uid': 1000, 'gid': 1000}
    given['process']['rlimits'][0]['hard'] = 1024
    given['process']['args'] = ['sh', '-c', 'echo begun; cat /proc/self/status']
    del given['x-of-an-engine']
    bundle = make_bundle(given, stages=())
    command = [RUNTIME, '--root', '/run/hook-test/casemate']
    floor = {'version': 1, 'capabilities': ['KILL'], 'seccomp': {'profile': ['default']}, 'audit': {'file': '/etc/casemate/audit'}}
    events()
    done = run(command, bundle, 'free')
    expect('no floor, as it is', done.returncode == 0 and 'CapBnd:\t0000000000042021' in done.stdout, done)
    for mode in {}, {'oci': 'deny'}:
        put('/etc/casemate/floor.json', {**floor, **mode})
        done = run(command, bundle, 'denied')
        expect('refused', done.returncode != 0 and 'begun' not in done.stdout and '/root/readonly' in done.stderr, done)
    put('/etc/casemate/floor.json', {**floor, 'oci': 'tighten'})
    done = run(command, bundle, 'tightened')
    seen = [(e['event'], e.get('code')) for e in events()]
    expect('events', seen == [('refused', None)] * 2 + [('launched', None), ('deleted', 0)], seen)
    expect('tightened', done.returncode == 0 and 'CapBnd:\t0000000000000020' in done.stdout and 'Seccomp:\t2' in done.stdout
           and 'NoNewPrivs:\t1' in done.stdout, done)
    put('/etc/casemate/floor.json', {**floor, 'network': {'connect': []}})
    ported = {**given, 'hooks': {'createRuntime': [{'path': str(HOOK), 'args': ['casemate-hook', 'createRuntime']}]}}
    ported = json.loads(hook('precreate', stdin=ported).stdout)
    for stages, code in (('createRuntime',), 0), (('poststop',), 1):
        done = run(command, make_bundle(ported, stages=stages), 'ported')
        expect(f'ports are held by {stages}', (done.returncode == 0) == (code == 0) and (code == 0 or '/hooks/createRuntime' in done.stderr), done)
    put('/etc/casemate/floor.json', {**floor, 'oci': 'tighten'})
    def verb(*words):
        with open('/run/hook-test/said', 'w+') as said:     # the container keeps it open
            done = subprocess.run([*command, *words], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said, timeout=60)
            said.seek(0)
            done.stderr = said.read()
        return done
    expect('created', verb('create', '--bundle', bundle, 'gone').returncode == 0)
    events()
    Path('/etc/casemate/audit').mkdir()         # the trail cannot be written: nothing begins, but what is there can be removed
    done = verb('create', '--bundle', bundle, 'next')
    expect('no trail, no container', done.returncode != 0 and 'audit' in done.stderr, done)
    done = verb('delete', '--force', 'gone')
    expect('deleted with a warning', done.returncode == 0 and 'warning' in done.stderr and 'audit' in done.stderr, done)
    expect('and gone', verb('state', 'gone').returncode != 0)
    Path('/etc/casemate/audit').rmdir()
    for name in 'secComp', 'anything':
        done = run(command, make_bundle({**given, 'linux': {**given['linux'], name: {}}}, stages=()), 'unknown')
        expect(f'a key that is none, {name}', done.returncode != 0 and f'/linux/{name}' in done.stderr, done)
    Path('/etc/casemate/floor.json').unlink()


def prepare():
    """An /etc and a /run/hook-test of our own; and a cgroup tree that cannot be written."""
    etc = Path(tempfile.mkdtemp())
    os.chown(etc, 0, 0)
    etc.chmod(0o755)
    for name in 'ld.so.cache', 'passwd', 'group', 'alternatives':
        if Path('/etc', name).is_dir():
            shutil.copytree(f'/etc/{name}', etc / name, symlinks=True)
        elif Path('/etc', name).exists():
            shutil.copy(f'/etc/{name}', etc)
    Path('/run/hook-test').mkdir(exist_ok=True)
    subprocess.run(['mount', '-t', 'tmpfs', 'tmpfs', '/run/hook-test'], check=True)
    subprocess.run(['mount', '--bind', etc, '/etc'], check=True)
    if os.path.ismount('/sys/fs/cgroup'):
        subprocess.run(['mount', '--rbind', '/sys/fs/cgroup', '/sys/fs/cgroup'], check=True)
        subprocess.run('for m in $(cut -d" " -f2 /proc/self/mounts | grep ^/sys/fs/cgroup); do mount -o remount,bind,ro $m; done', shell=True, check=True)
    put('/etc/casemate/policies/web.json', POLICY)


CASES = (tightens, refuses, leaves_alone, names, trust, floors, joined_namespaces, hostile_input, hostile_surroundings, states,
         without_its_first_thread, in_a_user_namespace, in_runtimes, in_casemate_runtime)


def main():
    if os.geteuid() != 0:
        print('1..0 # SKIP needs root')
        sys.exit(77)
    if os.environ.get('HOOK_TEST') != 'inside':
        os.execvpe('unshare', ['unshare', '--mount', sys.executable, *sys.argv], {**os.environ, 'HOOK_TEST': 'inside'})
    prepare()
    for case in CASES:
        before = failures
        case()
        print('ok' if failures == before else 'not ok', case.__name__, flush=True)
    sys.exit(failures > 0)


main()
