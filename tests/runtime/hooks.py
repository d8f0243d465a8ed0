#!/usr/bin/env python3
"""hooks.py - the hooks of a config.json: when, where, with what, and what their failure means (config.md "POSIX-platform Hooks",
runtime.md "Lifecycle").

    hooks.py [CASE...]         as root; MUST_WORK=1: a skip is a failure
"""
import json
import os
from pathlib import Path
import subprocess
import sys
import time

from engine import Engine
from ground import case, expect, main

STAGES = ['prestart', 'createRuntime', 'createContainer', 'startContainer', 'poststart', 'poststop']
ON_HOST = ['prestart', 'createRuntime', 'createContainer', 'poststart', 'poststop']


def script(g, text, name='hook'):
    g.n += 1
    path = g.top / f'{name}{g.n}'
    path.write_text('#!/bin/sh\n' + text)
    path.chmod(0o755)
    return str(path)


def note(g, stage, log, more=''):
    """A hook that writes down what it is told, and where it is."""
    return {'path': script(g, f'''
{{ echo stage={stage}; echo "args=$*"; env | sort | tr '\\n' ';'; echo; for n in mnt pid net uts; do readlink /proc/self/ns/$n; done | tr '\\n' ' '; echo
cat; pwd; hostname; }} >> {log}
{more}'''), 'args': ['the-hook', stage], 'env': ['PATH=/usr/bin:/bin', f'STAGE={stage}']}


def told(log, stage):
    """What the hook of a stage wrote down."""
    text = Path(log).read_text()
    expect(f'stage={stage}\n' in text, f'{stage} did not run:', text)
    lines = text.split(f'stage={stage}\n')[1].splitlines()
    return {'args': lines[0], 'env': lines[1], 'ns': lines[2].split(), 'state': json.loads(lines[3]), 'cwd': lines[4], 'host': lines[5]}


@case
def each_stage_runs_where_and_when_it_should(g):
    e, log = Engine(g), g.top / 'log'
    log.write_text('')
    hooks = {s: [note(g, s, log)] for s in ON_HOST}
    hooks['startContainer'] = [{'path': '/bin/sh', 'args': ['sh', '-c', 'cat > /told; echo "$X" >> /told; id -u >> /told'], 'env': ['X=y', 'PATH=/bin']}]
    b = e.bundle('sleep 100', hooks=hooks, annotations={'com.example': 'ü'}, hostname='c')
    e.create('a', b)
    ours = [os.readlink(f'/proc/self/ns/{n}') for n in ('mnt', 'pid', 'net', 'uts')]
    pid = e.state('a')['pid']
    inside = [os.readlink(f'/proc/{pid}/ns/{n}') for n in ('mnt', 'pid', 'net', 'uts')]
    for stage in ('prestart', 'createRuntime'):
        t = told(log, stage)
        expect(t['ns'] == ours, stage, t['ns'], ours)
        expect(t['state']['pid'] == pid and t['state']['status'] == 'creating' and t['state']['id'] == e.id('a'), t)
        expect(t['state']['bundle'] == str(b) == t['cwd'] and t['state']['annotations'] == {'com.example': 'ü'}, t)
        expect(t['state']['ociVersion'], t)
        expect(t['env'].startswith('PATH=/usr/bin:/bin;PWD=') and f'STAGE={stage}' in t['env'] and 'HOME' not in t['env'], t['env'])
        expect(t['args'] == f'args={stage}', t['args'])     # "$*" is without the name
    t = told(log, 'createContainer')
    expect(t['ns'] == inside and t['state']['pid'] == 1 and t['host'] == 'c', t, inside)
    expect('stage=poststart' not in log.read_text() and not (b / 'rootfs/told').exists(), 'too early')
    e.ok('start', 'a')
    lines = (b / 'rootfs/told').read_text().splitlines()
    state = json.loads(lines[0])
    expect(state['status'] == 'created' and state['pid'] == 1 and lines[1:] == ['y', '0'], lines)
    t = told(log, 'poststart')
    expect(t['ns'] == ours and t['state']['status'] == 'running' and t['state']['pid'] == pid, t)
    expect('stage=poststop' not in log.read_text(), 'too early')
    e.ok('delete', '--force', 'a')
    t = told(log, 'poststop')
    expect(t['ns'] == ours and t['state']['status'] == 'stopped', t)
    order = [line[6:] for line in log.read_text().splitlines() if line.startswith('stage=')]
    expect(order == ON_HOST, order)


@case
def several_of_a_stage_run_in_order(g):
    e, log = Engine(g), g.top / 'order'
    hooks = {'createRuntime': [{'path': script(g, f'echo {i} >> {log}')} for i in range(3)]}
    e.create('a', e.bundle('true', hooks=hooks))
    expect(log.read_text() == '0\n1\n2\n', log.read_text())
    e.ok('delete', '--force', 'a')


@case
def what_fails_before_the_program_stops_the_container(g):
    for stage in ('prestart', 'createRuntime', 'createContainer'):
        e, log = Engine(g), g.top / f'after-{stage}'
        bad = {'path': script(g, 'echo the finding is here >&2; exit 3')}
        b = e.bundle('echo x > /ran', hooks={stage: [bad, {'path': script(g, f'touch {log}')}], 'poststop': [note(g, 'poststop', g.top / f'stop-{stage}')]})
        e.refused('create', 'a', '-b', b, words=[f'/hooks/{stage}/0', 'failed with 3', 'the finding is here'])
        expect(not log.exists(), 'the next one ran')
        expect('stage=poststop' in (g.top / f'stop-{stage}').read_text(), 'poststop did not run')
        e.gone('a')
        expect(not (b / 'rootfs/ran').exists(), 'the program ran')
    e = Engine(g)
    b = e.bundle('echo x > /ran', hooks={'startContainer': [{'path': '/bin/sh', 'args': ['sh', '-c', 'echo no; exit 4']}]})
    e.create('a', b)
    e.refused('start', 'a', words=['/hooks/startContainer/0', 'failed with 4: no'])
    expect(not (b / 'rootfs/ran').exists(), 'the program ran')
    e.until('a', 'stopped')
    e.ok('delete', 'a')


@case
def poststart_stops_what_runs_and_poststop_only_warns(g):
    e = Engine(g)
    e.create('a', e.bundle('sleep 100', hooks={'poststart': [{'path': script(g, 'exit 5')}], 'poststop': [{'path': script(g, 'echo gone wrong; exit 6')}]}))
    e.refused('start', 'a', words=['/hooks/poststart/0', 'failed with 5'])
    e.until('a', 'stopped')
    done = e.ok('delete', 'a')
    expect('warning' in done.err and '/hooks/poststop/0' in done.err and 'gone wrong' in done.err, done.err)
    e.gone('a')


@case
def a_hook_that_takes_too_long_is_killed_with_its_group(g):
    e, mark = Engine(g), g.top / 'grandchild'
    slow = {'path': script(g, f'(trap "" TERM; sleep 3; touch {mark}) & sleep 100'), 'timeout': 1}
    began = time.monotonic()
    e.refused('create', 'a', '-b', e.bundle('true', hooks={'createRuntime': [slow]}), words=['did not end within 1 s'])
    expect(time.monotonic() - began < 20, 'it was waited for')
    time.sleep(4)
    expect(not mark.exists(), 'its child went on')
    e.gone('a')


@case
def delete_with_force_ends_what_runs_and_names_who_hangs(g):
    e = Engine(g)
    e.create('a', e.bundle('sleep 100', hooks={'poststart': [{'path': script(g, 'exec sleep 101')}]}))
    start = subprocess.Popen([g.runtime, '--root', e.root, 'start', e.id('a')], stderr=subprocess.DEVNULL)
    e.until('a', 'running')
    e.refused('delete', '--force', 'a', words=[f'process {start.pid} is at work'])
    expect(e.state('a')['status'] == 'stopped', 'it runs on')
    start.kill()
    start.wait()
    e.ok('delete', 'a')
    e.gone('a')


@case
def a_child_that_holds_the_output_does_not_hold_us(g):
    e = Engine(g)
    began = time.monotonic()
    e.create('a', e.bundle('true', hooks={'createRuntime': [{'path': script(g, 'setsid sleep 20 &'), 'timeout': 2}]}))
    expect(time.monotonic() - began < 10, 'create waited for the grandchild')
    e.ok('delete', '--force', 'a')


@case
def a_hook_gets_nothing_of_ours(g):
    e, seen = Engine(g), g.top / 'fds'
    hook = {'path': script(g, f'ls /proc/self/fd > {seen}; tr "\\0" "\\n" < /proc/self/environ >> {seen}; grep SigBlk /proc/self/status >> {seen}; umask >> {seen}')}
    e.create('a', e.bundle('true', hooks={'createRuntime': [hook], 'createContainer': [hook]}), env={'LD_PRELOAD': '/nowhere', 'SECRET': 'x', 'PATH': os.environ['PATH']})
    text = seen.read_text()
    expect('SECRET' not in text and 'LD_PRELOAD' not in text, text)
    expect(text.split()[:4] == ['0', '1', '2', '3'] and '0000000000000000' in text and '0022' in text, text)    # 3 is the directory that ls reads
    e.ok('delete', '--force', 'a')


@case
def what_a_hook_does_not_read_or_says_too_much_of_does_not_hold_us(g):
    e = Engine(g)
    loud = {'path': script(g, 'exec 0<&-; yes | head -c 3000000; echo the end >&2; exit 1'), 'timeout': 60}
    e.refused('create', 'a', '-b', e.bundle('true', hooks={'createRuntime': [loud]}, annotations={'x': 'y' * 200000}), words=['the end'])


@case
def what_is_no_hook(g):
    e = Engine(g)
    for wrong, word in (({'path': 'relative'}, 'absolute'), ({'path': '/bin/true', 'timeout': 0}, 'timeout'), ({'args': []}, 'absolute'),
                        ({'path': '/bin/true', 'env': 'A=1'}, 'want an array')):
        e.refused('create', 'a', '-b', e.bundle('true', hooks={'poststop': [wrong]}), words=[word, '/hooks/poststop/0'])
    e.refused('create', 'a', '-b', e.bundle('true', hooks={'prestart': [{'path': '/no/such/hook'}]}), words=['/hooks/prestart/0', 'failed with 127', 'cannot be executed'])


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:], os.environ.get('MUST_WORK')))
