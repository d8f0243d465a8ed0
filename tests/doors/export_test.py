#!/usr/bin/env python3
"""export_test CASEMATE - what a policy is exported to is what it was, up to what the export itself says is lost.

docker-run: the line is taken apart by a shell's rules and imported again; every key that no "lost:" line speaks of must
come back. systemd: systemd-analyze accepts the unit and rates it OK, where this machine has it. oci: that is C
(src/doors/oci_test.c), and for what runtimes make of it tests/scenarios/cases/export-oci.py."""

import glob
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

SOURCE = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), '../..'))
casemate = os.path.realpath(sys.argv[1])
TO_FILL = {'version': 1, 'rootfs': '/srv/root', 'args': ['/bin/app', 'it\'s', '$HOME "x" %n', 'a\\b'], 'user': {'uid': 1000, 'gid': 1000},
           'name': 'odd', 'env': {'A': 'x y\'z', 'LANG': 'C'}, 'mounts': [{'source': '/srv/a, "b"', 'target': '/data', 'read_only': False},
           {'source': '/srv/100%$x', 'target': '/pub', 'read_only': False}], 'limits': {'cpu_weight': 250, 'swap': '1G'},
           'stop': {'signal': 'SIGRTMIN+3', 'timeout': '1500ms'}, 'network': 'host'}
# What each "lost:" line is about; nothing else may differ.
LOSSES = {'/namespaces/user': 'namespaces.user', '/namespaces/time': 'namespaces.time time.', '/seccomp': 'seccomp', '/capabilities': 'capabilities', '/exec_once': 'exec_once',
          '/landlock': 'landlock', '/network': 'network.listen network.connect', '/limits/memory_high': 'limits.memory_high',
          '/limits/oom_group': 'limits.oom_group', '/limits/rlimits/as': 'limits.rlimits.as', '/user/umask': 'user.umask',
          '/mounts': 'mounts', '/shm': 'shm', '/proc': 'proc', '/sys': 'sys', '/passwd': 'passwd', '/stop/timeout': 'stop.timeout', '/secrets': 'secrets',
          '/sockets': 'sockets', '/notify': 'notify', '/reload': 'reload', '/exec': 'exec', '/healthcheck': 'healthcheck',
          '/healthcheck/on_failure': 'healthcheck.on_failure', '/alerts': 'alerts', '/log/path': 'log.path', '/log/failure': 'log.failure'}


def run(*args, stdin=None, cwd='/'):
    return subprocess.run(args, input=stdin, capture_output=True, text=True, cwd=cwd, timeout=60)


def keys(policy):
    """{key: effective value}, numbers with units as numbers, mounts by their target."""
    done = run(casemate, 'explain', policy)
    assert done.returncode == 0, done.stderr
    found, key = {}, None
    for line in done.stdout.splitlines()[1:]:
        name, value = line[:26].strip(), line[26:48].strip()
        key = name or key
        found[key] = (found.get(key, '') + ' ' + value).strip()
    def plain(v):
        m = re.fullmatch(r'(\d+)([KMGT]?)', v)
        return str(int(m[1]) << (10 * ' KMGT'.index(m[2] or ' '))) if m else re.sub(r'^(\d+)\.0$', r'\1', v)
    # A mount is compared as a whole, wherever it stands in the list.
    out = {k: plain(v) for k, v in found.items() if not re.match(r'(mounts|limits\.io)/', k)}
    for k, v in found.items():
        if re.match(r'(mounts|limits\.io)/', k):
            word = re.search(r'(target|path)=(\S+)', v)
            out[f'{k.split("/")[0]}:{word[2] if word else v}'] = ' '.join(sorted(
                re.sub(r'=(\d+[KMGT]?)\b', lambda m: '=' + plain(m[1]), w) for w in v.split()))
    return out


def docker_run(path):
    """What is wrong with the way there and back."""
    done = run(casemate, 'export', 'docker-run', path)
    assert done.returncode == 0, done.stderr
    lost = re.findall(r'^lost: (\S*):', done.stderr, re.M)
    line = shlex.split(done.stdout.replace('\\\n', ' '))
    again = run(casemate, 'import', 'docker-run', '--', *line)
    if again.returncode:
        return [again.stderr, done.stdout]
    with tempfile.NamedTemporaryFile('w', suffix='.json') as file:
        file.write(again.stdout)
        file.flush()
        a, b = keys(path), keys(file.name)
    excused = tuple(word for pointer in lost for word in LOSSES.get(pointer, '').split()) + ('name', 'version', 'landlock', 'log.failure')   # off cannot be said, and comes back on
    # The order of their options is lost in no language, and a list of devices may be written otherwise.
    return [f'{key}: {a.get(key)!r} came back as {b.get(key)!r}' for key in sorted(a.keys() | b.keys())
            if a.get(key) != b.get(key) and not key.startswith(excused) and not (key == 'hostname' and a[key] == '""')]


def systemd(path, folder):
    done = run(casemate, 'export', 'systemd', '--set', 'env={"X": "a $b %c \\"d\\""}', path)
    assert done.returncode == 0, done.stderr
    bounded = re.search(r'^CapabilityBoundingSet=(.*)', done.stdout, re.M)
    held = keys(path)
    for key, caps in ('secrets/0', 'CAP_CHOWN CAP_DAC_OVERRIDE CAP_SYS_CHROOT'), ('log.driver', 'CAP_CHOWN CAP_SETPCAP'):
        if bounded and held.get(key, '-') not in ('-', '[]', 'inherit', '"inherit"') and not set(caps.split()) <= set(bounded[1].split()):
            return [f'{key} {held[key]} without {caps}: {bounded[0]}'], 99.0
    watched = run(casemate, 'export', 'systemd', '--set', 'alerts.denied_execs=3', path).stdout
    if 'PrivateNetwork' in watched or (bounded and 'CAP_AUDIT_READ' not in watched):
        return ['nobody hears the audit records of alerts.denied_execs'], 99.0
    unit = os.path.join(folder, 'exported.service')
    open(unit, 'w').write(done.stdout)
    verdict = run('systemd-analyze', 'verify', '--man=no', unit)
    said = [line for line in verdict.stderr.splitlines() if 'exported' in line]
    wrong = said if verdict.returncode or said else []
    rated = run('systemd-analyze', 'security', '--offline=true', '--no-pager', unit)
    level = re.search(r'Overall exposure level.*: ([0-9.]+) ', rated.stdout)
    if not level or float(level[1]) > 6:
        wrong.append(f'rated {level and level[1]}: {rated.stdout[-300:]}{rated.stderr}')
    return wrong, level and float(level[1])


def main():
    failed, rated = 0, []
    with tempfile.TemporaryDirectory() as folder:
        odd = os.path.join(folder, 'odd.json')
        json.dump(TO_FILL, open(odd, 'w'))
        # Inline filters have no place on a command line.
        policies = sorted(glob.glob(f'{SOURCE}/tests/policy/good/*.json') + glob.glob(f'{SOURCE}/profiles/policies/*.json')) + [odd]
        for path in policies:
            wrong = docker_run(path)
            if shutil.which('systemd-analyze'):
                more, level = systemd(path, folder)
                wrong += more
                rated.append(level)
            print('not ok' if wrong else 'ok', '-', os.path.basename(path), *wrong, sep='\n# ' if wrong else ' ')
            failed += bool(wrong)
    print(f'{len(policies)} policies; units rated {min(rated, default="-")} to {max(rated, default="-")}')
    sys.exit(bool(failed) or len(policies) < 10)


main()
