#!/usr/bin/env python3
"""oci_test CASEMATE [--bless] - `casemate import oci` against every field that the runtime specification has.

For each line of oci/fields: a document with that field, of its type, is understood; of another type it is refused, and so is
null as an entry of a list or a map (as a field it counts as not there), and the same name misspelt or in other letters, with a
suggestion. oci/every-field.json has all of them; what becomes of it is compared with every-field.expect (--bless writes that)."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'oci')
SAMPLE = {'string': 'x', 'integer': 1, 'boolean': True, 'array': [], 'object': {}}
WANT = {'string': 'a string', 'integer': 'an integer', 'boolean': 'true or false', 'array': 'an array', 'object': 'an object'}
OTHER = {'string': 1, 'integer': 'x', 'boolean': 'x', 'array': 'x', 'object': 'x'}
BASE = {'ociVersion': '1.2.0', 'root': {'path': '/srv/rootfs'}, 'process': {'args': ['/bin/true'], 'user': {'uid': 1, 'gid': 1}}}
NAMES = 'bounding effective inheritable permitted ambient'.split()
casemate = os.path.realpath(sys.argv[1])


def imported(config, *options):
    done = subprocess.run([casemate, 'import', *options, 'oci', '-'], input=json.dumps(config), capture_output=True, text=True,
                          cwd='/', timeout=60)
    return done.returncode, done.stdout, done.stderr


def steps(path):
    """'mounts[].options[]' as ['mounts', 0, 'options', 0]"""
    out = []
    for part in path.split('.'):
        name, *arrays = part.replace('[]', '\0').split('\0')
        out.append('anything' if name == '*' else name)
        out += [0] * (len(arrays))
    return out


def document(path, value, misspelt=None):
    """The smallest config.json with this value at the path, beside what every one needs."""
    config = json.loads(json.dumps(BASE))
    at, way = config, steps(path)
    for i, step in enumerate(way):
        last = i == len(way) - 1
        if last and misspelt:
            step = misspelt
        below = value if last else [] if way[i + 1] == 0 else {}
        if isinstance(at, list):
            if last:
                at[:] = [below]
            elif not at:
                at.append(below)
            at = at[0]
        else:
            if last or not isinstance(at.get(step), type(below)):
                at[step] = below
            at = at[step]
    return config


def pointer(path, misspelt=None):
    way = steps(path)
    if misspelt:
        way[-1] = misspelt
    return ''.join(f'/{s}' for s in way)


def field(line):
    path, kind = line.split()
    wrong = []
    code, _, notes = imported(document(path, SAMPLE[kind]))
    joined = ' '.join(notes.split())
    if 'unknown key' in joined or f'{pointer(path)}: want {WANT[kind]}' in joined or code not in (0, 1):
        wrong.append(f'{path}: a value of its type is not understood: {notes}')
    code, _, notes = imported(document(path, OTHER[kind]))
    if code != 1 or f'{pointer(path)}: want {WANT[kind]}' not in ' '.join(notes.split()):
        wrong.append(f'{path}: {OTHER[kind]!r} is not refused: exit {code}\n{notes}')
    code, _, notes = imported(document(path, None))
    if (f'{pointer(path)}: want {WANT[kind]}' in ' '.join(notes.split())) != path.endswith(('[]', '*')):
        wrong.append(f'{path}: null is not refused as an entry, or is where it counts as not there: exit {code}\n{notes}')
    name = path.split('.')[-1]
    if '[]' not in name and name != '*':
        # One letter missing; and other letters, which Go takes for the same.
        for other in (name[:-2] + name[-1], name.swapcase()):
            if '*' in path.rsplit('.', 1)[0][-1:] and other == name:
                continue
            code, _, notes = imported(document(path, SAMPLE[kind], other))
            joined = ' '.join(notes.split())
            if code != 1 or f'{pointer(path, other)}: unknown key' not in joined:
                wrong.append(f'{path}: "{other}" is not refused: exit {code}\n{notes}')
            elif len(name) > 4 and f'did you mean "{name}"?' not in joined:
                wrong.append(f'{path}: no suggestion for "{other}"\n{notes}')
    return wrong


def paths(value, path=''):
    """Every path of a document, as oci/fields writes them."""
    if path:
        yield path
    if isinstance(value, dict):
        for name, below in value.items():
            any_name = path in ('annotations', 'linux.sysctl', 'linux.timeOffsets', 'linux.resources.rdma', 'linux.resources.unified')
            if path not in ('solaris', 'windows', 'vm', 'zos'):
                yield from paths(below, f'{path}.{"*" if any_name else name}'.lstrip('.'))
    if isinstance(value, list):
        for below in value:
            yield from paths(below, f'{path}[]')


def main():
    with open(os.path.join(HERE, 'fields')) as file:
        fields = [line for line in file if line.strip() and not line.startswith('#')]
    problems = []
    known = {line.split()[0] for line in fields}
    with open(os.path.join(HERE, 'every-field.json')) as file:
        every = json.load(file)
    missing = known - set(paths(every))
    if missing:
        problems.append(f'every-field.json lacks {sorted(missing)}')
    with ThreadPoolExecutor(2) as pool:
        for wrong in pool.map(field, fields):
            problems += wrong
    done = subprocess.run([casemate, 'import', '--partial', 'oci', os.path.join(HERE, 'every-field.json')], capture_output=True, text=True)
    got = (done.stdout + '--\n' + done.stderr).replace(HERE, '/BUNDLE')
    expect = os.path.join(HERE, 'every-field.expect')
    if '--bless' in sys.argv:
        open(expect, 'w').write(got)
    if open(expect).read() != got:
        problems.append('every-field.expect differs; what comes of it now:\n' + got)
    for problem in problems:
        print('not ok -', problem)
    print(f'{len(fields)} fields, {len(problems)} problems')
    sys.exit(bool(problems) or len(fields) < 200)


main()
