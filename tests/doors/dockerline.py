"""dockerline - a second opinion on docker run lines: taking one apart, and what docker itself would enforce for it.

Written against docker's documentation and its client's behaviour, and not against src/doors: where the two differ, one
of them is wrong. What docker enforces is told in the words of the policy, so that the two can be compared key by key."""
import math
import os
from pathlib import Path
import re

OPTIONS = Path(__file__).resolve().parent / 'docker-run.options'
DEFAULT_CAPS = set('CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT '
                   'KILL AUDIT_WRITE'.split())
ALL = {'ALL'}


def options():
    """[(name, letter or None, is a flag, value, expected)]"""
    for line in OPTIONS.read_text().splitlines():
        if line and not line.startswith('#'):
            name, letter, kind, value, expected = line.split('\t')
            yield name, None if letter == '-' else letter, kind == '-', '' if value == '-' else value, expected


class Line:
    """given: [(name, value)] in order; image; args."""

    def __init__(self, argv):
        flags = {name: flag for name, _, flag, _, _ in options()}
        letters = {letter: name for name, letter, _, _, _ in options() if letter}
        self.given, todo = [], list(argv)
        while todo and todo[0].startswith('-') and todo[0] != '-':
            word = todo.pop(0)
            if word == '--':
                break
            if word.startswith('--'):
                name, has_value, value = word[2:].partition('=')
                self.given.append((name, value if has_value else 'true' if flags[name] else todo.pop(0)))
                continue
            word = word[1:]
            while word:
                name, word = letters[word[0]], word[1:]
                if word.startswith('=') and len(word) > 1:
                    value, word = word[1:], ''
                elif flags[name]:
                    value = 'true'
                else:
                    value, word = word or todo.pop(0), ''
                self.given.append((name, value))
        self.image, *self.args = todo

    def all(self, *names):
        return [value for name, value in self.given if name in names]

    def last(self, name, otherwise=''):
        return (self.all(name) or [otherwise])[-1]

    def on(self, name):
        return self.last(name, 'false').lower() in ('true', '1', 't')


def size(text):
    match = re.fullmatch(r'(\d+(?:\.\d+)?) ?([bkmgtp]?)(?:i?b)?', text.lower())
    return int(float(match[1]) * 1024 ** 'bkmgtp'.index(match[2] or 'b')) if match else None


def clean(path):
    return re.sub('^/+', '/', os.path.normpath(path)) if path.startswith('/') else path


class Docker:
    """What docker enforces. Limits are numbers, math.inf where there is none; a share is a set of what is reachable."""

    def __init__(self, line):
        self.line = line
        user = line.last('user')
        self.uid = user.split(':')[0]
        self.root = self.uid in ('', 'root', '0') or (self.uid.isdigit() and int(self.uid) == 0)
        self.privileged = line.on('privileged')
        self.no_new_privs = any(re.fullmatch(r'no-new-privileges([=:](true|1|t|T|TRUE|True))?', o) for o in line.all('security-opt'))
        self.capabilities = self.reachable()
        self.limits = self.numbers()
        self.network = [self.network_name(n) for n in line.all('network', 'net')] or ['bridge']
        self.mounts = {}
        for spec in line.all('volume'):
            self.volume(spec)
        for spec in line.all('mount'):
            self.mount(spec)
        for spec in line.all('tmpfs'):
            target, _, opts = spec.partition(':')
            self.add(target, 'tmpfs', None, 'ro' not in opts.split(','), 'exec' in opts.split(','))

    @staticmethod
    def network_name(text):
        return next((f[5:] for f in text.split(',') if f.startswith('name=')), text)

    def reachable(self):
        """Every capability that some process in the container may come to have: root has the bounding set, others get at it
        through setuid programs and file capabilities, unless no_new_privs is on."""
        def names(option):
            return {n.upper().removeprefix('CAP_') for n in self.line.all(option)}
        added, dropped = names('cap-add'), names('cap-drop')
        if self.privileged or (ALL & added and not dropped):
            return ALL
        if ALL & added:
            bounding = ALL      # less some; "all" is refused in any case
        elif ALL & dropped:
            bounding = added
        else:
            bounding = (DEFAULT_CAPS - dropped) | added
        return bounding if self.root or not self.no_new_privs else set()

    def numbers(self):
        """Those that docker accepts: with less than 6 MiB, a quota of less than 1 ms, swap below the memory or both --cpus and
        a quota it starts nothing, and there is nothing to compare."""
        line = self.line
        got = dict.fromkeys('memory swap cpus pids'.split(), math.inf)
        memory, total = size(line.last('memory')), line.last('memory-swap')
        if memory and memory >= 6 << 20:
            got['memory'] = memory
            both = size(total)
            # Without a word on swap, docker gives as much again.
            got['swap'] = math.inf if total == '-1' or (both and both < memory) else both - memory if both else memory
        cpus, quota, period = line.last('cpus'), line.last('cpu-quota'), line.last('cpu-period')
        if re.fullmatch(r'\d+(\.\d+)?', cpus) and float(cpus) >= 0.01:
            got['cpus'] = float(cpus)
        elif quota.isdigit() and int(quota) >= 1000 and 'cpus' not in dict(line.given):
            if period in ('', '0') or (period.isdigit() and 1000 <= int(period) <= 1000000):
                got['cpus'] = int(quota) / (int(period or 0) or 100000)
        pids = line.last('pids-limit')
        if pids.isdigit() and int(pids) > 0:
            got['pids'] = int(pids)
        for spec in line.all('ulimit'):
            if match := re.fullmatch(r'(\w+)=(-?\d+)(?::(-?\d+))?', spec):
                values = [math.inf if int(v) < 0 else int(v) for v in match.groups()[1:] if v]
                if values == sorted(values):
                    got['rlimits.' + match[1]] = max(values)
        return got

    def add(self, target, kind, source, writable, executable=True):
        """Several on one target: docker starts nothing; whichever is left must be one of them."""
        self.mounts.setdefault(clean(target), []).append((kind, source, writable, executable))

    def volume(self, spec):
        source, *rest = spec.split(':')
        if not rest:
            self.add(source, 'volume', None, True)
        else:
            self.add(rest[0], 'bind', clean(source), 'ro' not in (rest[1] if len(rest) > 1 else '').split(','))

    def mount(self, spec):
        import csv
        row = next(csv.reader([spec]))
        fields = dict((f.split('=', 1) + ['true'])[:2] for f in row)
        fields = {k.lower(): v for k, v in fields.items()}      # in the order of the line: the last of two spellings counts
        target = next((fields[k] for k in reversed(fields) if k in ('target', 'destination', 'dst')), '')
        source = next((fields[k] for k in reversed(fields) if k in ('source', 'src')), None)
        writable = not any(fields.get(k, 'false').lower() in ('true', '1', 't') for k in ('readonly', 'ro'))
        if fields.get('type') == 'tmpfs':
            self.add(target, 'tmpfs', None, writable)
        elif source is None:
            self.add(target, 'volume', None, writable)
        else:
            self.add(target, 'bind', clean(source), writable)

    def devices(self):
        """{path: rights}"""
        got = {}
        for spec in self.line.all('device'):
            path, *rest = spec.split(':')
            rights = rest[-1] if rest and re.fullmatch('[rwm]+', rest[-1]) else 'rwm'
            got[path] = set(rights) | got.get(path, set())
        return got

    def names(self, *options_):
        return set(self.line.all(*options_))
