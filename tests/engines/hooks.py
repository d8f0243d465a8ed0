"""hooks - casemate-hook called by podman, at each stage, over crun and runc: what the floor forbids is tightened, refused or
found; without the hook it would have been there. The hooks.d files are the shipped ones; only the times are longer, for emulation."""
import json
import os
from pathlib import Path

from cli import BUSYBOX, NO_NETWORK
from common import GROUND, PROJECT, ROOT, Images, command, expect, matches, nothing_left, read, traces, wait_for

HOOK = os.environ.get('HOOK', '/usr/local/bin/casemate-hook')
RUNTIMES = ('/usr/bin/crun', '/usr/bin/runc')
HOST_FLOOR = Path('/etc/casemate/floor.json')
# An ordinary user has no file that root wrote, but the floors that the program has inside: of those, the one that a config.json
# can keep. It says nothing about pids.
FLOOR = {'version': 1, 'audit': {'journal': True}, 'capabilities': ['NET_BIND_SERVICE'], 'limits': {'pids': 64}, 'seccomp': {'deny': 'errno'}}
FLOOR_OPTIONS = () if ROOT else ('--floor', 'baseline')
MOST_PIDS = 64 if ROOT else 5000
SYS_ADMIN = 1 << 21
FORBIDDEN = ~(1 << 10) if ROOT else SYS_ADMIN
LOOK = 'grep -E "CapBnd|NoNewPrivs|Seccomp:" /proc/self/status; cat /sys/fs/cgroup/pids.max'
ASKS = ('--user', '10001:10001', '--cap-add', 'SYS_ADMIN', '--security-opt', 'seccomp=unconfined', '--pids-limit', '5000')
LIAR = '''#!/bin/sh
# Makes the container without a filter, whatever config.json says. It has config.json put back once the runtime has read it:
# runc up to 1.5 calls poststart before `create` is over.
for word; do
	[ "$before" != --bundle ] || bundle=$word
	[ "$word" != create ] || verb=create
	before=$word
done
[ "$verb" = create ] || exec RUNTIME "$@"
cp "$bundle/config.json" "$bundle/true.json"
jq --arg b "$bundle" 'del(.linux.seccomp) | .hooks.createRuntime += [{path: "/bin/cp", args: ["cp", "\\($b)/true.json", "\\($b)/config.json"]}]' \
	"$bundle/true.json" > "$bundle/config.json"
exec RUNTIME "$@"
'''


def install(name, *stages):
    """A hooks.d directory with these stages; a stage is the shipped file's, or (it, more arguments)."""
    directory = GROUND / f'hooks-{name}'
    directory.mkdir(exist_ok=True)
    for number, stage in enumerate(stages):
        stage, *more = stage if isinstance(stage, tuple) else (stage,)
        file = {'createRuntime': 'create'}.get(stage, stage)
        text = read(PROJECT / f'profiles/oci-hooks/50-casemate-{file}.json.in').replace('@LIBEXECDIR@/casemate/casemate-hook', HOOK)
        entry = json.loads(text)
        expect(entry['stages'] == [stage] and entry['hook']['path'] == HOOK, entry)
        arguments = entry['hook']['args']
        arguments[arguments.index('--timeout') + 1] = '180'
        entry['hook'].update(args=[*arguments, *FLOOR_OPTIONS, *more], timeout=200)
        (directory / f'{number}-{stage}.json').write_text(json.dumps(entry))
    return directory


def podman(runtime, hooks, *args, **more):
    return command('podman', '--runtime', runtime, *[f'--hooks-dir={hooks}'] * bool(hooks), 'run', *NO_NETWORK, *args, **more)


def bounding(text):
    return int(matches(r'CapBnd:\t(\w+)', text)[1], 16)


def is_tight(text):
    expect(not bounding(text) & FORBIDDEN, text)
    matches(r'NoNewPrivs:\t1\nSeccomp:\t2', text)
    expect(int(text.split()[-1]) <= MOST_PIDS, text)


# ---- the tests; each takes the runtime below podman

def precreate(runtime):
    """precreate: what asks for too much is tightened or, by --mode deny, refused; what keeps to the floor is left as it is"""
    plain = podman(runtime, None, '--rm', *ASKS, BUSYBOX, 'sh', '-c', LOOK)
    expect(bounding(plain) & SYS_ADMIN and 'Seccomp:\t0' in plain and plain.split()[-1] == '5000', plain)
    tight = podman(runtime, install('tighten', 'precreate'), '--rm', *ASKS, BUSYBOX, 'sh', '-c', LOOK)
    is_tight(tight)
    refused = podman(runtime, install('deny', ('precreate', '--mode', 'deny')), '--rm', *ASKS, BUSYBOX, 'sh', '-c', 'echo it runs', check=False)
    # podman tells which hook it was; what it found, only its log and the journal do.
    expect(refused.returncode and 'casemate-hook precreate' in refused.stdout and 'it runs' not in refused.stdout, refused)
    clean = podman(runtime, install('both', 'precreate', ('precreate', '--mode', 'deny')), '--rm', *ASKS, BUSYBOX, 'sh', '-c', LOOK)
    expect(clean == tight, clean, tight)


def create_runtime(runtime):
    """createRuntime: a bundle below the floor is refused before its program runs, another runs, with the floor's limits"""
    refused = podman(runtime, install('create', 'createRuntime'), '--rm', *ASKS, BUSYBOX, 'sh', '-c', 'echo it runs', check=False)
    expect(refused.returncode and 'it runs' not in refused.stdout, refused)
    clean = podman(runtime, install('create-clean', 'precreate', 'createRuntime'), '--rm', *ASKS, BUSYBOX, 'sh', '-c', LOOK)
    is_tight(clean)


def poststart(runtime):
    """poststart: a process that is what config.json says goes on; one that a lying runtime made without its filter is killed"""
    unwatched, watched = install('no-poststart', 'precreate'), install('poststart', 'precreate', 'poststart')
    for program, hooks, filters in ((runtime, watched, '2'), (liar(runtime), unwatched, '0'), (liar(runtime), watched, None)):
        name = f'engines-{Path(program).name}-{filters}'
        try:
            done = podman(program, hooks, '-d', '--name', name, *ASKS, BUSYBOX, 'sleep', '1000', check=False)
            running, pid = command('podman', 'inspect', '--format', '{{.State.Running}} {{.State.Pid}}', name, check=False).stdout.split()[:2] or ('false', '0')
            status = read(f'/proc/{pid}/status')
        finally:
            command('podman', 'rm', '-f', '-t', '0', name, check=False)
        if filters:
            expect(done.returncode == 0 and running == 'true' and f'Seccomp:\t{filters}' in status, program, done, running, status)
        else:       # crun kills it and calls that a start
            expect(running == 'false', program, done, running)


def liar(runtime):
    program = GROUND / f'liar-{Path(runtime).name}'
    program.write_text(LIAR.replace('RUNTIME', runtime))
    program.chmod(0o755)
    return program


def poststop(runtime):
    """poststop: the end is one record in the journal"""
    name = f'engines-stop-{Path(runtime).name}'
    identity = podman(runtime, install('poststop', 'precreate', 'poststop'), '-d', '--name', name, *ASKS, BUSYBOX, 'true').strip()
    command('podman', 'wait', name)
    command('podman', 'rm', name)
    wait_for(lambda: identity in command('journalctl', '--no-pager', '-o', 'json', '-t', 'casemate-hook', '-t', 'casemate', check=False).stdout,
             'the journal tells of it', 60)


TESTS = (precreate, create_runtime, poststart, poststop)


def suite(tap, quick, count):
    if ROOT:
        HOST_FLOOR.parent.mkdir(exist_ok=True)
        HOST_FLOOR.write_text(json.dumps(FLOOR))
    Images('podman', 'load', '-q', '-i')('busybox')
    for runtime in RUNTIMES:
        podman(runtime, None, '--rm', BUSYBOX, 'true')     # what they keep from now on
    before = traces()
    for runtime in RUNTIMES[:1] if quick else RUNTIMES:
        for test in (create_runtime,) if quick else TESTS if ROOT else TESTS[:3]:
            tap.test(f'hooks over {Path(runtime).name}: {test.__doc__}', test, runtime)
    tap.test('hooks: nothing is left of all this', nothing_left, before)
    if ROOT:
        HOST_FLOOR.unlink()
