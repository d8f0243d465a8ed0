#!/usr/bin/env python3
"""selinux.py - labels: of processes, of keys, and of the file systems that are made; on a kernel that runs SELinux
(tests/vm/rig test SUITE BUILD --as selinux). The policy is selinux.cil, enforced. Two types do the biting: jail_t may not touch what
is secret_t, and host_t, which everything is that has no label, may."""
import os
from pathlib import Path
import shutil
import subprocess
import sys

from engine import Engine
from ground import HERE, bind, case, expect, libc, main, mount, tmpfs

SELINUX = Path('/sys/fs/selinux')
JAIL, CONTENT, SECRET = 'u:r:jail_t:s0', 'u:object_r:content_t:s0', 'u:object_r:secret_t:s0'
WHO = 'cat /proc/self/attr/current; echo'
PYTHON = Path('/var/lib/casemate/python-http')
# keyctl(KEYCTL_GET_SECURITY, KEY_SPEC_SESSION_KEYRING), and what an ordinary user of keys would do: add one.
KEYS = """import ctypes
c, label, session = ctypes.CDLL(None), ctypes.create_string_buffer(99), ctypes.c_long(-3)
print(c.syscall(250, 17, session, label, 99) > 0 and label.value.decode(), c.syscall(248, b"user", b"mine", b"x", 1, session) > 0)"""


def enforce():
    """For good: a kernel does not give up a policy, and this one is there to be tested on."""
    if not SELINUX.is_dir():
        return False
    if not (SELINUX / 'enforce').exists():
        mount('selinuxfs', SELINUX, 'selinuxfs')
    policy = Path(os.environ.get('TMPDIR', '/var/tmp')) / f'casemate-selinux-{os.getpid()}'
    subprocess.run(['secilc', '-c', (SELINUX / 'policyvers').read_text(), '-o', policy, '-f', '/dev/null', HERE / 'selinux.cil'], check=True)
    with open(SELINUX / 'load', 'wb', buffering=0) as load:
        load.write(policy.read_bytes())     # in one write
    policy.unlink()
    (SELINUX / 'enforce').write_text('1')
    return True


def selinux(function):
    """A case, where there is SELinux."""
    def only_there(g):
        return function(g) if SELINUX.is_dir() else 'this kernel does not run SELinux'
    only_there.__name__ = function.__name__
    return case(only_there)


def label(path, context):
    os.setxattr(path, 'security.selinux', context.encode(), follow_symlinks=False)


def process(act, label=None, nnp=True):
    wish = {'terminal': False, 'user': {'uid': 0, 'gid': 0}, 'cwd': '/', 'env': ['PATH=/bin'], 'args': ['sh', '-c', act], 'noNewPrivileges': nnp}
    return {**wish, 'selinuxLabel': label} if label is not None else wish


def under(g, text, act=WHO, nnp=True, **more):
    return g.run(process=process(act, text, nnp), **more)


def bundle_with_a_secret(g):
    b = g.bundle()
    for name, context in ('plain', CONTENT), ('secret', SECRET):
        (b / 'rootfs' / name).write_text(f'the {name}\n')
        label(b / 'rootfs' / name, context)
    return b


def lines(result):
    expect(result.code == 0, 'it does not run:', result.err)
    return result.out.replace('\0', '').splitlines()


@selinux
def a_label_confines(g):
    b = bundle_with_a_secret(g)
    act = WHO + '; cat /plain; cat /secret && echo read'
    for text in None, '':
        expect(lines(under(g, text, act, bundle=b)) == ['u:r:host_t:s0', 'the plain', 'the secret', 'read'], 'without a label')
    done = under(g, JAIL, act, bundle=b)
    expect(done.code == 1 and 'ermission denied' in done.err, done.code, done.err)
    expect(done.out.replace('\0', '').splitlines() == [JAIL, 'the plain'], done.out)
    expect(lines(under(g, JAIL, userns=True, bundle=g.give(g.bundle()))) == [JAIL], 'in a user namespace')


@selinux
def a_label_is_taken_as_the_policy_reads_it(g):
    for asked, is_ in ('u:r:container_t:s0', JAIL), ('u:r:jail_t:s0:c2,c0', JAIL + ':c0,c2'), ('u:r:jail_t:s0:c0,c1,c2', JAIL + ':c0.c2'):
        expect(lines(under(g, asked)) == [is_], asked, 'is', is_)


@selinux
def what_the_policy_does_not_know_is_refused(g):
    for text in 'u:r:other_t:s0', 'u:r:jail_t:s0:c7', 'u:r:jail_t', 'jail_t', 'x' * 600:
        under(g, text).refused(' /process/selinuxLabel', 'does not take the label')
        g.run(linux={'mountLabel': text}).refused(' /linux/mountLabel', 'does not take the label')
    state = g.top / 'state'
    expect(not state.exists() or not list(state.iterdir()), 'something is left')


@selinux
def what_may_not_be_entered_is_not(g):
    under(g, 'u:r:shut_t:s0').refused('/process/args/0', 'cannot execute', 'SELinux label')
    under(g, 'u:r:shut_t:s0', nnp=False).refused('/process/args/0', 'cannot execute', 'SELinux label')
    under(g, 'u:r:loose_t:s0').refused('/process/args/0', 'cannot execute', 'no_new_privs')
    expect(lines(under(g, 'u:r:loose_t:s0', nnp=False)) == ['u:r:loose_t:s0'], 'without no_new_privs it may')


@selinux
def exec_has_the_label_too(g):
    r = Engine(g)
    b = r.bundle('sleep 1000', process={'selinuxLabel': JAIL})
    r.create('a', b)
    r.ok('start', 'a')
    try:
        command = [g.runtime, '--root', r.root, 'exec']
        for options, is_ in ([], JAIL), (['--process-label', 'u:r:loose_t:s0'], None), (['--process-label', 'u:r:jail_t:s0:c1'], JAIL + ':c1'):
            done = subprocess.run([*command, *options, r.id('a'), 'sh', '-c', WHO], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                  timeout=60)
            if is_:
                expect(done.stdout.replace('\0', '') == is_ + '\n', done)
            else:
                expect(done.returncode and 'no_new_privs' in done.stderr, done)
    finally:
        r('kill', 'a', 'KILL')
        r.until('a', 'stopped')
        r.ok('delete', 'a')


@selinux
def its_keys_are_its_own(g):
    """A keyring of the host's type would be one that the container cannot use, while its program has a right to one."""
    b = g.bundle()
    root = {'path': str(PYTHON), 'readonly': True}
    wish = {**process(''), 'args': ['/usr/bin/python3', '-c', KEYS], 'env': ['PATH=/usr/bin']}
    expect(lines(g.run(bundle=b, root=root, process=wish)) == ['u:r:host_t:s0 True'], 'without a label')
    expect(lines(g.run(bundle=b, root=root, process={**wish, 'selinuxLabel': JAIL})) == [JAIL + ' True'], 'with one')
    kept = g.run(bundle=b, root=root, options=['--no-new-keyring'], process={**wish, 'selinuxLabel': JAIL})
    expect(lines(kept) == ['False False'], 'the keyring of the host is not for it:', kept.out)


@selinux
def a_mount_label_is_that_of_what_is_made(g):
    where = [tmpfs('/t'), {'destination': '/dev/pts', 'type': 'devpts', 'source': 'devpts', 'options': ['newinstance', 'ptmxmode=0666']}]
    (g.top / 'volume').mkdir(exist_ok=True)
    linux = {'mountLabel': CONTENT, 'maskedPaths': ['/proc/fs', '/proc/version', '/proc/none']}
    for userns in False, True:
        b = g.give(g.bundle()) if userns else g.bundle()
        r = g.run(mounts=[*where, bind(g.top / 'volume', '/v')], linux=linux, userns=userns, bundle=b)
        for target in '/t', '/dev', '/dev/pts', '/proc/fs', '/proc/version':
            expect('context=' + CONTENT in r.at(target).super, target, r.at(target).super)
        for target in '/', '/proc', '/v':
            expect(not any('context=' in o for o in r.at(target).super), target, r.at(target).super)
    r = g.run(mounts=where)
    expect('context=' not in r.out, 'without a mount label', r.out)


@selinux
def a_mount_label_confines(g):
    act = 'echo x > /t/f && cat /t/f'
    for text, words in (None, ['x']), (CONTENT, ['x']), (SECRET, None):
        done = under(g, JAIL, act, mounts=[tmpfs('/t')], base=False, linux={'mountLabel': text} if text else None)
        if words:
            expect(lines(done) == words, text, done.out)
        else:
            done.refused('ermission denied')
    expect(lines(g.run(act, mounts=[tmpfs('/t')], linux={'mountLabel': SECRET})) == ['x'], 'the label is for who has one')


@selinux
def queues_have_the_mount_label(g):
    where = [{'destination': '/q', 'type': 'mqueue', 'source': 'mqueue', 'options': ['nosuid']}]
    look = 'ls /q && echo there'
    expect(lines(under(g, JAIL, look, mounts=where, base=False, linux={'mountLabel': CONTENT})) == ['there'], 'with a label that it may use')
    under(g, JAIL, look, mounts=where, base=False, linux={'mountLabel': SECRET}).refused('ermission denied')
    # In a user namespace they belong to the host's root, and only their owner labels them.
    mapped = under(g, JAIL, look, mounts=where, base=False, linux={'mountLabel': SECRET}, userns=True, bundle=g.give(g.bundle()))
    expect(lines(mapped) == ['there'] and 'linux.mountLabel' in mapped.err, 'in a user namespace', mapped.err)
    # Who shares the host's would change the label of the host's.
    host = Path(g.top / 'queues')
    host.mkdir()
    mount('mqueue', host, 'mqueue')
    before = os.getxattr(host, 'security.selinux')
    others = ['pid', 'mount', 'uts', 'network', 'cgroup']
    expect(lines(g.run('echo alive', mounts=where, base=False, linux={'mountLabel': SECRET}, namespaces=others)) == ['alive'], 'with the host\'s queues')
    expect(os.getxattr(host, 'security.selinux') == before, before, os.getxattr(host, 'security.selinux'))
    libc.umount2(os.fsencode(host), 2)


@selinux
def an_option_is_closer_than_the_mount_label(g):
    """Engines write it as for mount(8): quoted, for the commas in it."""
    for text in f'{SECRET}:c0,c2', f'"{SECRET}:c0,c2"':
        r = g.run(mounts=[tmpfs('/t', 'context=' + text), tmpfs('/u')], linux={'mountLabel': CONTENT})
        expect({f'context="{SECRET}:c0', 'c2"'} <= r.at('/t').super, r.at('/t').super)      # cut at the comma
        expect('context=' + CONTENT in r.at('/u').super, r.at('/u').super)
    g.run(mounts=[tmpfs('/t', 'context=u:object_r:other_t:s0')]).refused(' /mounts/2', "'context'")


@selinux
def the_others_do_the_same(g):
    peers = [peer for peer in ('crun', 'runc') if shutil.which(peer)]
    if not peers:
        return 'no crun and no runc'
    b = bundle_with_a_secret(g)
    act = WHO + '; cat /plain; cat /secret; cat /proc/self/mountinfo'

    def seen(**more):
        out = lines(under(g, JAIL, act, bundle=b, mounts=[tmpfs('/t')], ociVersion='1.0.2',
                          linux={'mountLabel': CONTENT, 'maskedPaths': ['/proc/fs']}, **more))
        return out[:2], sorted(line.split()[4] for line in out[2:] if 'context=' in line)
    ours = seen()
    for peer in peers:
        theirs = seen(runtime=[peer, '--root', str(g.top / peer)])
        expect(theirs == ours, peer, theirs, ours)


if __name__ == '__main__':
    enforce()
    sys.exit(main(sys.argv[1:], os.environ.get('MUST_WORK')))
