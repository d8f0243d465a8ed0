#!/usr/bin/env python3
"""compose_test CASEMATE [--bless] - compose files in the manner of popular projects' own, and one that means harm: what
becomes of each service, policies and notes, compared with NAME.expect (--bless writes that, to be read). Every policy
is accepted by `casemate check` or refused by it with a finding; and files that are no single document of plain YAML are
errors with a place."""

import glob
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'compose')
casemate = os.path.realpath(sys.argv[1])
ENV = {'PATH': '/usr/bin:/bin', 'CASEMATE_STORE': '/store', 'HOME': '/home/operator'}

# What is no compose file, and where.
BROKEN = {
    'a: [': '2:1', '': '1:1', 'a': ': a compose file is a mapping', 'services: {a: 1}\n---\nb: 1': '2:1',
    'services:\n  a: {image: x}\n  a: {image: y}': '3:3: the key is there twice',
    'services: {a: {image: !!binary x}}': '1:23: a tag', 'services: {a: {image: !exec x}}': '1:23: a tag',
    'services: {a: *b}': '1:15: there is no such anchor', 'services: {[1]: x}': '1:12: a key is a word',
    'services: {a: {<<: 1}}': '"<<" wants a mapping', 'services: [a]': 'there are no services', 'x: 1': 'there are no services',
    'services: {a: {image: "a\\0b"}}': '1:23: NUL', 'a: &a [*a]': 'no such anchor', '\ta: 1': '1:1',
    'a: ' + '[' * 40 + ']' * 40: 'nested deeper',
    'a: &a [x,x,x,x,x,x,x,x,x,x]\n' + ''.join(
        f'{n}: &{n} [{",".join("*" + chr(ord(n) - 1) for _ in range(10))}]\n' for n in 'bcdefghi'): 'expand to more',
    'services: {a: {image: x}, b: {image: x}}': 'which service?', 'services: {a: 1}': '1:12: a service is a mapping',
    'services: {../../x: {image: x}}': "1:12: a service's name", 'services: {.x: {image: x}}': "1:12: a service's name",
    'services: {"": {image: x}}': "1:12: a service's name", 'services: {"a/b": {image: x}}': "1:12: a service's name",
}


def run(*args, stdin=None):
    done = subprocess.run([casemate, 'import', *args], input=stdin, capture_output=True, text=True, env=ENV, cwd=HERE, timeout=60)
    return done.returncode, done.stdout, done.stderr


def words(text):
    """Where lines break depends on how long the path of this project is."""
    return re.sub(r'\s', '', text)


def imported(path):
    with tempfile.TemporaryDirectory() as out:
        code, stdout, notes = run('--partial', 'compose', '--output', out, path)
        text = notes
        for name in sorted(os.listdir(out)):
            file = os.path.join(out, name)
            judged = subprocess.run([casemate, 'check', file], capture_output=True, text=True, env=ENV)
            if judged.returncode not in (0, 1):
                sys.exit(f'{path}: {name} is no policy: {judged.stdout}{judged.stderr}')
            text += f'\n=== {name}\n' + open(file).read()
        text = f'exit {code}\n{stdout}{text}'.replace(HERE, '/PROJECT')
        return re.sub(rf'(?<!\w){re.escape(os.path.realpath(f"{HERE}/../../.."))}\b', '/ABOVE', text)


def main():
    wrong, files = 0, sorted(glob.glob(os.path.join(HERE, '*.yaml')))
    for path in files:
        got, expect = imported(path), path[:-5] + '.expect'
        if '--bless' in sys.argv:
            open(expect, 'w').write(got)
        good = words(open(expect).read()) == words(got)
        print(f'{"ok" if good else "not ok"} - {os.path.basename(path)}')
        if not good:
            wrong += 1
            print(got)
    for text, where in BROKEN.items():
        code, _, err = run('compose', '-', stdin=text)
        if code != 1 or where not in err:
            wrong += 1
            print(f'not ok - {text[:60]!r}: want {where!r}, got exit {code}: {err}')
    print(f'{len(files)} files, {len(BROKEN)} broken ones, {wrong} wrong')
    sys.exit(bool(wrong) or len(files) < 10)


main()
