"""hooks - casemate-hook called by podman, at each stage, over crun and runc: what the floor forbids is tightened, refused
or found; without the hook it would have been there."""
import json
import os
from pathlib import Path

from cli import BUSYBOX, NO_NETWORK
from common import GROUND, ROOT, Fails, command, expect, matches, nothing_left, read, traces, wait_for

HOOK = os.environ.get('HOOK', '/usr/local/bin/casemate-hook')
RUNTIMES = [path for path in ('/usr/bin/crun', '/usr/bin/runc') if Path(path).exists()]
FLOOR = GROUND / 'floor.json'
LOOK = 'grep -E "CapBnd|NoNewPrivs|Seccomp:" /proc/self/status; touch /x 2>&1; cat /sys/fs/cgroup/pids.max'


def install(stage, *options):
    """A directory of hooks with this one in it. Emulation is slow: the time that podman gives is longer than the shipped one."""
    directory = GROUND / f'hooks-{stage}-{"-".join(options).replace("/", "")}'
    directory.mkdir(exist_ok=True)
    (directory / 'casemate.json').write_text(json.dumps({
        'version': '1.0.0', 'stages': [stage], 'when': {'always': True},
        'hook': {'path': HOOK, 'env': ['PATH=/usr/sbin:/usr/bin'], 'timeout': 200,
                 'args': ['casemate-hook', stage, '--timeout', '180', '--floor', str(FLOOR), *options]}}))
    return directory


def run(runtime, hooks, *args, check=True, rm=True):
    return command('podman', '--runtime', runtime, *[f'--hooks-dir={directory}' for directory in hooks], 'run', *['--rm'] * rm,
                   *NO_NETWORK, *args, check=check)
