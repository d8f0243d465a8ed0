#!/usr/bin/env python3
"""mounts.py - casemate-runtime's mounts, seen from inside: config.md "Root", "Mounts" and "Linux mount options", config-linux.md
"Rootfs Mount Propagation", "Masked Paths", "Readonly Paths". What mountinfo shows in the container is what counts.

    mounts.py [CASE...]         as root; MUST_WORK=1: a skip is a failure
"""
import os
import shutil
import subprocess
import sys

from ground import ALL_CAPS, MOUNTINFO, USERNS, MS_BIND, MS_SHARED, bind, case, dev, expect, floor, main, mount, ordinary, proc, tmpfs

# --- root ---


@case
def root_path_is_relative_to_the_bundle_or_absolute(g):
    b = g.bundle()
    g.run('echo alive', bundle=b).says('alive')
    g.run('echo alive', bundle=b, root={'path': str(b / 'rootfs')}).says('alive')


@case
def a_directory_must_exist_at_root_path(g):
    g.run(root={'path': 'nowhere'}).refused('/root/path', 'nowhere')
    b = g.bundle()
    (b / 'file').write_text('')
    g.run(bundle=b, root={'path': 'file'}).refused('/root/path')


@case
def a_readonly_root_is_read_only_and_another_is_not(g):
    expect('ro' in g.run(root={'readonly': True}).at('/').options, 'writable')
    g.run('touch /x || echo refused', root={'readonly': True}).says('refused')
    b = g.bundle()
    g.run('touch /x && echo made', bundle=b).says('made')
    expect((b / 'rootfs/x').exists(), 'it went elsewhere')


@case
def mount_points_are_made_although_the_root_is_read_only(g):
    b = g.bundle()
    expect('ro' in g.run(mounts=[tmpfs('/a/b')], bundle=b, root={'readonly': True}).at('/').options, 'writable')
    expect((b / 'rootfs/a/b').is_dir(), 'no mount point')


@case
def a_working_directory_that_is_missing_is_made(g):
    """Engines leave it to the runtime (Kubernetes: workingDir); it is made in the container, wherever links lead"""
    def process(cwd):
        return {'terminal': False, 'user': {'uid': 1000, 'gid': 1000}, 'cwd': cwd, 'env': ['PATH=/bin'],
                'args': ['sh', '-c', 'pwd; stat -c "%u:%g %a" .']}
    b = g.bundle()
    outside = g.top / 'outside'
    (b / 'rootfs/link').symlink_to(outside)
    for cwd, want in ('/made/for/it', '/made/for/it'), ('/t/made', '/t/made'), ('/link/made', f'{outside}/made'):
        done = g.run(bundle=b, mounts=[tmpfs('/t')], root={'readonly': True}, process=process(cwd))
        expect(done.out.split('\n')[:2] == [want, '0:0 755'], cwd, done.out, done.err)
    expect(not outside.exists() and (b / f'rootfs{outside}/made').is_dir(), 'it was made on the host')
    g.run(bundle=b, mounts=[tmpfs('/ro', 'ro')], process=process('/bin/sh')).refused('/cwd')


@case
def the_root_may_be_an_overlay(g):
    b = g.bundle()
    for d in ('upper', 'work', 'merged'):
        (b / d).mkdir()
    layers = g.top / 'overlay'
    layers.mkdir()
    mount('tmpfs', layers, 'tmpfs')
    for d in ('upper', 'work'):
        (layers / d).mkdir()
    mount('overlay', b / 'merged', 'overlay', 0, f'lowerdir={b}/rootfs,upperdir={layers}/upper,workdir={layers}/work')
    r = g.run('touch /new && ' + MOUNTINFO, bundle=b, root={'path': 'merged'})
    expect(r.at('/').type == 'overlay', r.at('/').type)
    expect((layers / 'upper/new').exists() and not (b / 'rootfs/new').exists(), 'written to the image')


@case
def the_host_has_no_mount_more_nor_less(g):
    def mine():
        with open('/proc/self/mountinfo') as f:
            return f.read()
    b, before = g.bundle(), mine()
    g.run(bundle=b, mounts=[tmpfs('/t'), bind('/etc', '/e')])
    g.run(bundle=b, mounts=[tmpfs('/t', 'nonsense=1')])
    expect(mine() == before, 'other mounts than before')


@case
def without_a_pivot_the_root_is_the_same(g):
    r = g.run('ls /; ' + MOUNTINFO, options=['--no-pivot'], root={'readonly': True}, mounts=[tmpfs('/t')])
    expect('ro' in r.at('/').options and r.at('/t').type == 'tmpfs', r.out)
    expect('bin\n' in r.out and 'boot' not in r.out, 'another root:', r.out)
    if shutil.which('strace'):      # which of the two it was does not show inside
        for options, call in ([], 'pivot_root'), (['--no-pivot'], 'chroot'):
            trace = g.top / 'trace'
            g.run('true', runtime=['strace', '-f', '-o', trace, '-e', 'trace=pivot_root,chroot', g.runtime, '--root', g.top / 'state'], options=options)
            calls = {c for c in ('pivot_root', 'chroot') if f' {c}(' in trace.read_text()}
            expect(calls == {call}, options, calls)


@case
def root_propagation(g):
    """private, shared, slave, unbindable: linux.rootfsPropagation"""
    b = g.bundle()
    mount(b / 'rootfs', b / 'rootfs', None, MS_BIND)
    mount(None, b / 'rootfs', None, MS_SHARED)
    for word, tags in {None: set(), 'private': set(), 'rprivate': set(), 'shared': {'shared'}, 'rshared': {'shared'}, 'slave': {'master'},
                       'rslave': {'master'}, 'unbindable': {'unbindable'}, 'runbindable': {'unbindable'}}.items():
        r = g.run(bundle=b, linux={'rootfsPropagation': word} if word else {}, mounts=[tmpfs('/t')])
        expect(r.at('/').tags == tags, word, 'gives', r.at('/').tags)
        deep = {'rshared': {'shared'}, 'runbindable': {'unbindable'}}.get(word, set())
        expect(r.at('/t').tags == deep, word, 'gives a mount', r.at('/t').tags)
    g.run(linux={'rootfsPropagation': 'sharde'}).refused('/linux/rootfsPropagation', 'sharde')


@case
def shared_is_a_group_of_its_own_and_not_the_hosts(g):
    b = g.bundle()
    mount(b / 'rootfs', b / 'rootfs', None, MS_BIND)
    mount(None, b / 'rootfs', None, MS_SHARED)
    (b / 'rootfs/m').mkdir()
    g.run('mount -t tmpfs none /m && touch /m/inside && echo mounted', bundle=b, caps=ALL_CAPS,
          linux={'rootfsPropagation': 'shared'}).says('mounted')
    expect(not (b / 'rootfs/m/inside').exists(), 'what is mounted inside shows on the host')


# --- mounts ---

@case
def mounts_are_made_in_the_listed_order(g):
    """config.md#mounts: MUST mount entries in the listed order"""
    g.run('ls /a; ls /a/b', mounts=[tmpfs('/a'), tmpfs('/a/b'), bind('/etc/passwd', '/a/b/file')]).says('b\n', 'file')
    r = g.run('ls /a', mounts=[tmpfs('/a/b'), tmpfs('/a')])     # the later one covers
    expect(r.code == 0 and r.out.strip() == '', r.out, r.err)


@case
def a_relative_destination_is_relative_to_the_root(g):
    g.run(mounts=[tmpfs('a/b')]).at('/a/b')
    g.run(mounts=[tmpfs('//a/./b/')]).at('/a/b')
    g.run(mounts=[tmpfs('/../../a')]).at('/a')


@case
def what_a_mount_must_have(g):
    g.run(mounts=[{'type': 'tmpfs'}]).refused('/mounts/2', 'destination')
    g.run(mounts=[{'destination': '/a', 'source': 'x'}]).refused('/mounts/2', 'type')
    g.run(mounts=[{'destination': '/a', 'options': ['bind']}]).refused('/mounts/2', 'source')
    g.run(mounts=[tmpfs('/')]).refused('/mounts/2', 'root')


@case
def sources_of_binds(g):
    """absolute or relative to the bundle; files and directories; missing ones are an error"""
    b = g.bundle()
    (b / 'dir').mkdir()
    (b / 'dir/f').write_text('text')
    (b / 'link').symlink_to('dir')
    for source in ('dir', str(b / 'dir'), 'link'):
        g.run('cat /d/f', bundle=b, mounts=[bind(source, '/d')]).says('text')
    g.run('cat /some/new/file', bundle=b, mounts=[bind('dir/f', '/some/new/file')]).says('text')
    g.run(bundle=b, mounts=[bind('gone', '/d')]).refused('/mounts/2', 'gone')
    for kind in ('bind', 'rbind', 'none', None):
        entry = {'destination': '/d', 'source': 'dir', **({'type': kind} if kind else {}),
                 'options': [] if kind in ('bind', 'rbind') else ['bind']}
        g.run('cat /d/f', bundle=b, mounts=[entry]).says('text')


@case
def a_bind_is_of_one_mount_an_rbind_of_all(g):
    b = g.bundle()
    (b / 'v/sub').mkdir(parents=True)
    mount('tmpfs', b / 'v/sub', 'tmpfs')
    for word, deep in {'bind': False, 'rbind': True}.items():
        entry = {'destination': '/v', 'source': 'v', 'options': [word]}
        targets = {m.target for m in g.run(bundle=b, mounts=[entry]).lines()}
        expect('/v' in targets and ('/v/sub' in targets) == deep, word, targets)


@case
def a_file_on_a_directory_is_refused(g):
    b = g.bundle()
    (b / 'rootfs/d').mkdir()
    (b / 'rootfs/f').write_text('')
    g.run(bundle=b, mounts=[bind('/etc/passwd', '/d')]).refused('/mounts/2')
    g.run(bundle=b, mounts=[bind('/etc', '/f')]).refused('/mounts/2')


# --- options ---

KEEP = {  # word: what mountinfo then says, and what not
    'ro': ('ro', 'rw'), 'nosuid': ('nosuid', ''), 'nodev': ('nodev', ''), 'noexec': ('noexec', ''), 'noatime': ('noatime', 'relatime'),
    'nodiratime': ('nodiratime', ''), 'relatime': ('relatime', 'noatime'), 'strictatime': ('', 'relatime'), 'nosymfollow': ('nosymfollow', ''),
}
UNDO = {'rw': 'ro', 'suid': 'nosuid', 'dev': 'nodev', 'exec': 'noexec', 'atime': 'noatime', 'diratime': 'nodiratime',
        'norelatime': 'noatime', 'nostrictatime': 'noatime', 'symfollow': 'nosymfollow'}
ACCEPTED = ['async', 'sync', 'dirsync', 'defaults', 'iversion', 'noiversion', 'lazytime', 'nolazytime', 'loud', 'silent', 'mand', 'nomand',
            'private', 'rprivate']


@case
def every_option_of_the_table_on_a_file_system_and_on_a_bind(g):
    targets = [(w, [w], yes, no) for w, (yes, no) in KEEP.items()]
    targets += [(w, [off, w], '', off) for w, off in UNDO.items()]
    targets += [(w, [w], 'rw', '') for w in ACCEPTED]
    mounts = [tmpfs(f'/t/{i}', *words) for i, (_, words, _, _) in enumerate(targets)]
    mounts += [bind('/etc', f'/b/{i}', *words) for i, (_, words, _, _) in enumerate(targets)]
    r = g.run(mounts=mounts)
    for i, (word, _, yes, no) in enumerate(targets):
        for place in (f'/t/{i}', f'/b/{i}'):
            options = r.at(place).options
            expect(not yes or yes in options, word, 'gives', options, 'at', place)
            expect(not no or no not in options, word, 'gives', options, 'at', place)
    expect('sync' in r.at(f'/t/{[t[0] for t in targets].index("sync")}').super, 'sync is not the file system\'s')


@case
def every_recursive_option_reaches_what_lies_below(g):
    b = g.bundle()
    (b / 'v/sub').mkdir(parents=True)
    for word, (yes, no) in KEEP.items():
        r = g.run(bundle=b, mounts=[tmpfs('/keep')] + [bind('v', '/v', 'r' + word)])
        expect(not yes or yes in r.at('/v').options, 'r' + word, r.at('/v').options)
    hard = ['ro', 'nosuid', 'nodev', 'noexec', 'noatime', 'nodiratime', 'nosymfollow']
    mount('tmpfs', b / 'v', 'tmpfs')
    (b / 'v/sub').mkdir()
    mount('tmpfs', b / 'v/sub', 'tmpfs')
    r = g.run(bundle=b, mounts=[bind('v', '/v', *('r' + w for w in hard))])
    for w in hard:
        expect(w in r.at('/v').options and w in r.at('/v/sub').options, w, r.at('/v/sub').options)
    r = g.run(bundle=b, mounts=[bind('v', '/v', *hard)])        # those without r: only the mount itself
    for w in hard:
        expect(w in r.at('/v').options and w not in r.at('/v/sub').options, w, r.at('/v/sub').options)
    g.run('touch /v/sub/x || echo refused', bundle=b, mounts=[bind('v', '/v', 'rro')]).says('refused')
    subprocess.run(['mount', '-o', 'remount,bind,ro,nosuid,nodev,noexec,noatime', b / 'v/sub'], check=True)
    r = g.run(bundle=b, mounts=[bind('v', '/v', 'rrw', 'rsuid', 'rdev', 'rexec', 'rrelatime', 'rdiratime', 'rsymfollow')])
    for w in ('ro', 'nosuid', 'nodev', 'noexec', 'noatime'):
        expect(w not in r.at('/v/sub').options, w, 'stays:', r.at('/v/sub').options)
    r = g.run(bundle=b, mounts=[bind('v', '/v', 'rw', 'suid', 'dev', 'exec')])  # without r nothing is taken off the source
    expect({'ro', 'nosuid', 'nodev', 'noexec'} <= r.at('/v/sub').options, r.at('/v/sub').options)


@case
def what_a_floor_asks_of_a_bind_holds_below_it(g):
    b = g.bundle()
    (b / 'rootfs/v').mkdir()
    (b / 'v').mkdir()
    mount('tmpfs', b / 'v', 'tmpfs')
    (b / 'v/sub').mkdir()
    mount('tmpfs', b / 'v/sub', 'tmpfs')
    hard = ['ro', 'nosuid', 'nodev', 'noexec']
    with floor(mounts=[{'source': str(b / 'v')}]):
        for kind, option in ('rbind', 'bind'), ('none', 'rbind'), ('bind', 'rbind'):
            entry = {'destination': '/v', 'type': kind, 'source': str(b / 'v'), 'options': [option, *hard]}
            r = g.run(bundle=b, mounts=[entry], root={'readonly': True}, process=ordinary(MOUNTINFO))
            for at in '/v', '/v/sub':
                expect(set(hard) <= r.at(at).options, kind, option, at, r.at(at).options)


@case
def propagation_of_binds(g):
    b = g.bundle()
    (b / 'v').mkdir()
    mount('tmpfs', b / 'v', 'tmpfs')
    (b / 'v/sub').mkdir()
    mount('tmpfs', b / 'v/sub', 'tmpfs')
    for m in ('v', 'v/sub'):
        mount(None, b / m, None, MS_SHARED)
    for words, top, below in ((['private'], set(), set()), ([], set(), set()), (['rprivate'], set(), set()), (['rshared'], {'shared'}, {'shared'}),
                              (['shared'], {'shared'}, {'shared'}), (['slave'], {'master'}, {'master'}), (['rslave'], {'master'}, {'master'}),
                              (['unbindable'], {'unbindable'}, set()), (['runbindable'], {'unbindable'}, {'unbindable'}),
                              (['rslave', 'rshared'], {'master', 'shared'}, {'master', 'shared'})):
        r = g.run(bundle=b, mounts=[bind('v', '/v', *words)])
        expect(r.at('/v').tags == top and r.at('/v/sub').tags == below, words, 'gives', r.at('/v').tags, r.at('/v/sub').tags)
    for word, seen in {'rshared': True, 'rslave': False, 'rprivate': False}.items():     # what is mounted inside, on the host
        (b / 'v/m').mkdir(exist_ok=True)
        g.run('mount -t tmpfs none /v/m && touch /v/m/inside && echo mounted', bundle=b, caps=ALL_CAPS,
              mounts=[bind('v', '/v', word)]).says('mounted')
        expect((b / 'v/m/inside').exists() == seen, word, 'shows inside on the host:', not seen)
        if seen:
            subprocess.run(['umount', b / 'v/m'], check=True)


@case
def what_the_host_mounts_later_reaches_a_slave(g):
    b = g.bundle()
    (b / 'v').mkdir()
    mount('tmpfs', b / 'v', 'tmpfs')
    mount(None, b / 'v', None, MS_SHARED)
    (b / 'v/m').mkdir()
    for word, seen in {'rslave': True, 'rprivate': False}.items():
        os.mkfifo(b / 'v/fifo')
        helper = subprocess.Popen(['sh', '-c', f'read up < {b}/v/fifo; mount -t tmpfs none {b}/v/m; touch {b}/v/m/late; echo go > {b}/v/fifo'],
                                  stdout=subprocess.DEVNULL)
        try:
            r = g.run('echo up > /v/fifo; cat /v/fifo; ls /v/m', bundle=b, mounts=[bind('v', '/v', word)])
            if r.code == 0:
                helper.wait(timeout=30)
        finally:
            helper.kill()
            helper.wait()
        expect(r.code == 0 and ('late' in r.out) == seen, word, r.out, r.err)
        subprocess.run(['umount', b / 'v/m'], check=True)
        (b / 'v/fifo').unlink()


@case
def options_of_the_file_system(g):
    r = g.run('stat -c %a:%u:%g /t; ' + MOUNTINFO, mounts=[tmpfs('/t', 'size=1m', 'mode=1751', 'uid=7', 'gid=9', 'nr_inodes=100', source='mine')])
    r.says('1751:7:9')
    expect('size=1024k' in r.at('/t').super and r.at('/t').source == 'mine', r.at('/t').super, r.at('/t').source)


@case
def an_option_that_the_kernel_refuses_is_named(g):
    g.run(mounts=[tmpfs('/t', 'nonsense=1')]).refused('/mounts/2', "'nonsense'", 'tmpfs')
    g.run(mounts=[tmpfs('/t', 'size=much')]).refused('/mounts/2', "'size'")
    g.run(mounts=[tmpfs('/t', 'a=' + 'x' * 300)]).refused('/mounts/2', "'a'", '255')
    g.run(mounts=[{'destination': '/t', 'type': 'notafs', 'source': 'x'}]).refused('/mounts/2', 'notafs')
    g.run(mounts=[bind('/etc', '/e', 'noexce')]).refused('/mounts/2/options/1', 'noexce', 'noexec')
    g.run(mounts=[bind('/etc', '/e', 'x-for=others')]).lines()


@case
def a_tmpfs_has_the_mode_of_what_it_covers(g):
    b = g.bundle()
    (b / 'rootfs/t').mkdir()
    (b / 'rootfs/t').chmod(0o2710)
    g.run('stat -c %a /t', bundle=b, mounts=[tmpfs('/t')]).says('2710')
    g.run('stat -c %a /t', bundle=b, mounts=[tmpfs('/t', 'mode=700')]).says('700')


@case
def tmpcopyup(g):
    b = g.bundle()
    t = b / 'rootfs/t'
    (t / 'd/e').mkdir(parents=True)
    (t / 'd/e/f').write_text('deep' * 50000)
    (t / 'f').write_text('x')
    (t / 'f').chmod(0o4751)
    os.chown(t / 'd', 12, 34)
    (t / 'l').symlink_to('/etc/shadow')
    os.mkfifo(t / 'p')
    before = {p: p.lstat() for p in t.rglob('*')}
    r = g.run('stat -c "%a %u:%g %F %N" /t/d /t/f /t/l /t/p; stat -c %s /t/d/e/f; echo changed > /t/f; ' + MOUNTINFO, bundle=b,
              mounts=[tmpfs('/t', 'tmpcopyup')])
    expect(r.at('/t').type == 'tmpfs', r.out)
    r.says('12:34 directory', '4751 0:0 regular', "'/t/l' -> '/etc/shadow'", 'fifo', '200000')
    expect({p: p.lstat() for p in t.rglob('*')} == before, 'the image has changed')
    expect('ro' in g.run('cat /t/f >/dev/null; ' + MOUNTINFO, bundle=b, mounts=[tmpfs('/t', 'tmpcopyup', 'ro')]).at('/t').options, 'writable')
    g.run(bundle=b, mounts=[tmpfs('/t', 'tmpcopyup', 'size=64k')]).refused('/mounts/2', 'room')
    g.run(bundle=b, mounts=[bind('/etc', '/t', 'tmpcopyup')]).refused('tmpcopyup')


@case
def a_read_only_tmpfs_can_be_mounted_in(g):
    r = g.run(mounts=[tmpfs('/t', 'ro'), tmpfs('/t/below')])
    expect('ro' in r.at('/t').options and 'rw' in r.at('/t/below').options, r.out)


@case
def remount(g):
    again = {'destination': '/t', 'type': 'tmpfs', 'source': 'tmpfs', 'options': ['remount', 'ro', 'nosuid', 'size=2m']}
    r = g.run(mounts=[tmpfs('/t', 'size=1m'), again])
    expect({'ro', 'nosuid'} <= r.at('/t').options and 'size=2048k' in r.at('/t').super, r.at('/t').options, r.at('/t').super)
    expect(len([m for m in r.lines() if m.target == '/t']) == 1, 'mounted twice')
    writable = {'destination': '/t', 'options': ['remount', 'rw', 'exec']}
    options = g.run('touch /t/x; ' + MOUNTINFO, mounts=[tmpfs('/t', 'noexec', 'nosuid'), again, writable]).at('/t').options
    expect({'rw', 'nosuid'} <= options and 'noexec' not in options, options)
    spread = {'destination': '/t', 'options': ['remount', 'shared']}
    expect(g.run(mounts=[tmpfs('/t'), spread]).at('/t').tags == {'shared'}, 'not shared')
    b = g.bundle()
    (b / 'rootfs/t').mkdir()
    g.run(bundle=b, mounts=[again]).refused('/mounts/2')


@case
def an_overlay_with_many_layers(g):
    b = g.bundle()
    layers = g.top / 'layers'
    layers.mkdir(exist_ok=True)
    mount('tmpfs', layers, 'tmpfs')
    names = []
    for i in range(12):
        d = layers / f'a-layer-with-quite-a-long-name-{i}'
        d.mkdir()
        (d / f'f{i}').write_text(str(i))
        names.append(str(d))
    for d in ('u', 'w'):
        (layers / d).mkdir()

    def overlay(n):
        return {'destination': '/o', 'type': 'overlay', 'source': 'overlay',
                'options': ['lowerdir=' + ':'.join(names[:n]), f'upperdir={layers}/u', f'workdir={layers}/w']}
    g.run('ls /o; ' + MOUNTINFO, bundle=b, mounts=[overlay(2)]).says('f0', 'f1', 'overlay')
    r = g.run('ls /o', bundle=b, mounts=[overlay(12)])
    if tuple(int(x) for x in os.uname().release.split('.')[:2]) >= (6, 7):
        r.says('f0', 'f11')
    else:
        r.refused('/mounts/2', 'lowerdir', '255')


@case
def a_mount_label_needs_selinux(g):
    if os.path.exists('/sys/fs/selinux/enforce'):
        return 'this kernel has it'
    g.run(linux={'mountLabel': 'system_u:object_r:container_file_t:s0'}).refused('/linux/mountLabel', 'SELinux')
    g.run('echo alive', linux={'mountLabel': ''}).says('alive')


# --- id maps ---

def maps(inside, outside, size=1):
    return [{'containerID': inside, 'hostID': outside, 'size': size}]


@case
def idmapped_mounts_map(g):
    b = g.bundle()
    v, below = g.top / 'idmap', g.top / 'idmap-below'
    (v / 'sub').mkdir(parents=True)
    below.mkdir()
    mount(below, v / 'sub', None, MS_BIND)
    (v / 'f').write_text('')
    (v / 'sub/f').write_text('')
    for p in (v, v / 'f', v / 'sub', v / 'sub/f'):
        os.chown(p, 33, 44)

    def entry(*options):
        return bind(v, '/v', *options, uidMappings=maps(33, 10001), gidMappings=maps(44, 10002))
    r = g.run(bundle=b, mounts=[entry('idmap')],
              process={'terminal': False, 'user': {'uid': 10001, 'gid': 10002}, 'cwd': '/', 'env': ['PATH=/bin'],
                       'args': ['sh', '-c', 'stat -c %u:%g /v/f /v/sub/f; touch /v/new; ' + MOUNTINFO]})
    if r.code and 'Invalid argument' in r.err:
        return f'the file system of {g.top} maps no ids: name another in $TMPDIR'
    r.says('10001:10002\n33:44')
    expect('idmapped' in r.at('/v').options, r.at('/v').options)
    expect((v / 'new').stat().st_uid == 33 and (v / 'new').stat().st_gid == 44, 'made by', (v / 'new').stat().st_uid)
    g.run('stat -c %u:%g /v/f /v/sub/f', bundle=b, mounts=[entry('ridmap')]).says('10001:10002\n10001:10002')
    g.run('stat -c %u:%g /v/f', bundle=b, mounts=[entry()]).says('10001:10002')       # the maps alone ask for it, too
    # more than one row, and ids that no row has belong to nobody
    two = bind(v, '/v', 'idmap', uidMappings=maps(0, 100, 10) + maps(33, 5000, 10), gidMappings=maps(0, 200, 10))
    g.run('stat -c %u:%g /v/f', bundle=b, mounts=[two]).says('5000:65534')


@case
def what_an_idmapped_mount_must_have(g):
    """config.md: both maps or neither; without any, the container's user namespace, or an error"""
    g.run(mounts=[bind('/etc', '/v', 'idmap')]).refused('/mounts/2', 'map')
    g.run(mounts=[bind('/etc', '/v', 'idmap', uidMappings=maps(0, 1))]).refused('/mounts/2', 'gidMappings')
    g.run(mounts=[bind('/etc', '/v', 'idmap', gidMappings=maps(0, 1))]).refused('/mounts/2', 'uidMappings')
    g.run(mounts=[tmpfs('/v', 'idmap') | {'uidMappings': maps(0, 1), 'gidMappings': maps(0, 1)}]).refused('/mounts/2', 'bind')
    g.run(mounts=[bind('/etc', '/v', 'idmap', uidMappings=[{'containerID': 0, 'hostID': 1}], gidMappings=maps(0, 1))]).refused('/mounts/2')


# --- masked and read-only paths ---

@case
def masked_paths_cannot_be_read(g):
    b = g.bundle()
    (b / 'rootfs/secret').mkdir()
    (b / 'rootfs/secret/f').write_text('secret')
    (b / 'rootfs/key').write_text('secret')
    (b / 'rootfs/link').symlink_to('/key2')
    (b / 'rootfs/key2').write_text('secret')
    r = g.run('cat /key /link; ls -A /secret; cat /proc/version; echo x > /key || echo refused; echo end', bundle=b,
              linux={'maskedPaths': ['/key', '/secret', '/link', '/missing', '/key/below', '/proc/version']})
    expect(r.code == 0 and r.out.split() == ['refused', 'end'], r.out, r.err)
    expect((b / 'rootfs/key').read_text() == 'secret' and not (b / 'rootfs/missing').exists(), 'the image has changed')
    g.run(linux={'maskedPaths': ['relative']}).refused('/linux/maskedPaths/0')
    g.run(linux={'maskedPaths': ['/']}).refused('/linux/maskedPaths/0')


@case
def read_only_paths_are_read_only_with_all_below(g):
    b = g.bundle()
    (b / 'rootfs/d').mkdir()
    r = g.run('for f in /d/x /t/x /t/below/x; do touch $f && echo $f; done; echo 1 > /proc/sys/kernel/domainname || echo refused; touch /y && echo fine; '
              + MOUNTINFO, bundle=b, mounts=[tmpfs('/t', 'nosuid', 'nodev'), tmpfs('/t/below')],
              linux={'readonlyPaths': ['/d', '/t', '/proc/sys', '/missing', '/d/no/such']})
    r.says('refused\nfine')
    expect('/x' not in r.out.split(' - ')[0], r.out)
    expect({'ro', 'nosuid', 'nodev'} <= r.at('/t').options, 'what it had is gone:', r.at('/t').options)
    g.run(linux={'readonlyPaths': ['relative']}).refused('/linux/readonlyPaths/0')
    expect('ro' in g.run(linux={'readonlyPaths': ['/']}).at('/').options, 'the root')


@case
def a_mask_below_a_read_only_path_masks(g):
    r = g.run('cat /proc/sys/kernel/hostname; echo end', linux={'readonlyPaths': ['/proc/sys'], 'maskedPaths': ['/proc/sys/kernel/hostname']})
    expect(r.code == 0 and r.out == 'end\n', r.out)


# --- file systems of the kernel ---

@case
def the_default_file_systems(g):
    """config-linux.md#default-filesystems and what engines list beside them"""
    r = g.run(mounts=[
        {'destination': '/dev/pts', 'type': 'devpts', 'source': 'devpts',
         'options': ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5']},
        tmpfs('/dev/shm', 'nosuid', 'noexec', 'nodev', 'mode=1777', 'size=65536k', source='shm'),
        {'destination': '/dev/mqueue', 'type': 'mqueue', 'source': 'mqueue', 'options': ['nosuid', 'noexec', 'nodev']},
        {'destination': '/sys', 'type': 'sysfs', 'source': 'sysfs', 'options': ['nosuid', 'noexec', 'nodev', 'ro']},
        {'destination': '/sys/fs/cgroup', 'type': 'cgroup', 'source': 'cgroup', 'options': ['nosuid', 'noexec', 'nodev', 'relatime', 'ro']}])
    for target, kind in {'/proc': 'proc', '/dev': 'tmpfs', '/dev/pts': 'devpts', '/dev/shm': 'tmpfs', '/dev/mqueue': 'mqueue', '/sys': 'sysfs',
                         '/sys/fs/cgroup': 'cgroup2'}.items():
        expect(r.at(target).type == kind, target, r.at(target).type)
    expect({'ro', 'nosuid', 'nodev', 'noexec'} <= r.at('/sys').options & r.at('/sys/fs/cgroup').options, r.out)
    expect({'mode=620', 'gid=5', 'ptmxmode=666'} <= r.at('/dev/pts').super, r.at('/dev/pts').super)


@case
def proc_with_options(g):
    r = g.run('ls -d /proc/sys 2>/dev/null || echo hidden; ' + MOUNTINFO, base=False, mounts=[proc(options=['subset=pid', 'hidepid=2', 'nosuid', 'noexec', 'nodev']), dev()])
    r.says('hidden')
    expect({'hidepid=invisible', 'subset=pid'} <= r.at('/proc').super, r.at('/proc').super)


@case
def no_proc_at_all(g):
    r = g.run('test -e /proc/self || echo none', base=False, mounts=[dev()])
    r.says('none')


@case
def no_mounts_at_all(g):
    b = g.bundle()
    g.run('echo alive > /dev/null && echo alive', base=False, bundle=b).says('alive')


@case
def a_host_namespace_shows_what_the_host_has(g):
    sysfs = {'destination': '/sys', 'type': 'sysfs', 'source': 'sysfs', 'options': ['ro']}
    mqueue = {'destination': '/dev/mqueue', 'type': 'mqueue', 'source': 'mqueue'}
    cgroup = {'destination': '/sys/fs/cgroup', 'type': 'cgroup', 'source': 'cgroup', 'options': ['rw']}
    r = g.run('ls /sys/class/net; ls /dev/mqueue; ' + MOUNTINFO, namespaces=['pid', 'mount'], mounts=[sysfs, mqueue, cgroup])
    r.says(*os.listdir('/sys/class/net'))
    expect(r.at('/sys').type == 'sysfs' and r.at('/dev/mqueue').type == 'mqueue' and 'rw' in r.at('/sys/fs/cgroup').options, r.out)
    own = g.run('ls /sys/class/net', mounts=[sysfs])
    expect(own.out.split() == ['lo'], 'its own network shows', own.out)


@case
def the_cgroup_tree_begins_at_its_own_with_a_namespace(g):
    cgroup = {'destination': '/sys/fs/cgroup', 'type': 'cgroup2', 'source': 'cgroup', 'options': ['ro']}
    sysfs = {'destination': '/sys', 'type': 'sysfs', 'source': 'sysfs'}
    r = g.run(mounts=[sysfs, cgroup])
    expect(r.at('/sys/fs/cgroup').root == '/', r.at('/sys/fs/cgroup').root)
    g.run('echo $$ > /sys/fs/cgroup/cgroup.procs || echo refused', mounts=[sysfs, cgroup]).says('refused')     # CVE-2023-25809


# --- in a user namespace ---

@case
def in_a_user_namespace_all_is_the_same(g):
    b = g.give(g.bundle())
    (b / 'v/sub').mkdir(parents=True)
    mount('tmpfs', b / 'v/sub', 'tmpfs')
    r = g.run('touch /t/x /dev/shm/y && stat -c %u:%g /t/x /a /a/f /proc/sys /dev /v; ' + MOUNTINFO, bundle=b, userns=True, caps=['CAP_SYS_ADMIN'], mounts=[
        tmpfs('/t'), bind('/etc/hosts', '/a/f', 'ro', 'nosuid'), bind('v', '/v', 'rro', 'rprivate'), tmpfs('/dev/shm', 'mode=1777', 'nodev'),
        {'destination': '/sys', 'type': 'sysfs', 'source': 'sysfs', 'options': ['ro']},
        {'destination': '/sys/fs/cgroup', 'type': 'cgroup', 'source': 'cgroup', 'options': ['ro', 'nosuid']},
        {'destination': '/dev/mqueue', 'type': 'mqueue', 'source': 'mqueue', 'options': ['nosuid']},
        {'destination': '/dev/pts', 'type': 'devpts', 'source': 'devpts', 'options': ['newinstance', 'gid=5', 'ptmxmode=0666']}],
        linux={'maskedPaths': ['/proc/kcore', '/proc/version', '/sys/firmware'], 'readonlyPaths': ['/proc/sys']}, root={'readonly': True})
    r.says('0:0\n0:0\n65534:65534\n')
    expect({'ro', 'nosuid'} <= r.at('/a/f').options and 'ro' in r.at('/v/sub').options and 'ro' in r.at('/').options, r.out)
    expect((b / 'rootfs/a').stat().st_uid == 100000, 'a mount point of', (b / 'rootfs/a').stat().st_uid)


@case
def idmap_without_maps_is_by_the_user_namespace(g):
    b, v = g.give(g.bundle()), g.top / 'idmap-userns'
    v.mkdir()
    (v / 'f').write_text('')
    os.chown(v / 'f', 7, 8)
    g.run('stat -c %u:%g /v/f', bundle=b, userns=True, mounts=[bind(v, '/v')]).says('65534:65534')
    r = g.run('stat -c %u:%g /v/f; touch /v/new; ' + MOUNTINFO, bundle=b, userns=True, mounts=[bind(v, '/v', 'idmap')])
    r.says('7:8')
    expect('idmapped' in r.at('/v').options and (v / 'new').stat().st_uid == 0, 'made as', (v / 'new').stat().st_uid)


@case
def sharing_ends_at_a_user_namespace(g):
    b = g.give(g.bundle())
    (b / 'v').mkdir()
    mount('tmpfs', b / 'v', 'tmpfs')
    mount(None, b / 'v', None, MS_SHARED)
    (b / 'v/m').mkdir()
    r = g.run('mount -t tmpfs none /v/m && touch /v/m/inside; ' + MOUNTINFO, bundle=b, userns=True, caps=ALL_CAPS, mounts=[bind('v', '/v', 'rshared')])
    expect(r.at('/v').tags == {'shared', 'master'} and r.at('/v/m').type == 'tmpfs', r.at('/v').tags)
    expect(not os.path.ismount(b / 'v/m'), 'mounted on the host')


@case
def a_host_namespace_beside_a_user_namespace(g):
    sysfs = {'destination': '/sys', 'type': 'sysfs', 'source': 'sysfs', 'options': ['ro']}
    mqueue = {'destination': '/dev/mqueue', 'type': 'mqueue', 'source': 'mqueue'}
    cgroup = {'destination': '/sys/fs/cgroup', 'type': 'cgroup', 'source': 'cgroup', 'options': ['ro']}
    r = g.run('ls /sys/class/net; ' + MOUNTINFO, bundle=g.give(g.bundle()), userns=True, namespaces=['pid', 'mount'], mounts=[sysfs, mqueue, cgroup])
    r.says(*os.listdir('/sys/class/net'))
    expect(r.at('/sys').type == 'sysfs' and r.at('/dev/mqueue').type == 'mqueue' and r.at('/sys/fs/cgroup').type == 'cgroup2', r.out)


@case
def namespaces_that_are_entered_are_shown(g):
    holder = subprocess.Popen(['unshare', '--net', '--ipc', 'sh', '-c', 'ip link set dev lo alias entered; echo; exec sleep 100'], stdout=subprocess.PIPE)
    try:
        holder.stdout.read(1)
        spaces = [{'type': t} for t in ('pid', 'mount', 'uts')]
        spaces += [{'type': t, 'path': f'/proc/{holder.pid}/ns/{n}'} for t, n in (('network', 'net'), ('ipc', 'ipc'))]
        entries = [{'destination': '/sys', 'type': 'sysfs', 'source': 'sysfs'}, {'destination': '/dev/mqueue', 'type': 'mqueue', 'source': 'mqueue'}]
        r = g.run('ls /sys/class/net; cat /sys/class/net/lo/ifalias', linux={'namespaces': spaces}, mounts=entries)
        r.says('lo\nentered')
        expect('eth0' not in r.out, r.out)
        r = g.run('cat /sys/class/net/lo/ifalias', bundle=g.give(g.bundle()), mounts=entries,
                  linux={'namespaces': spaces + [{'type': 'user'}], 'uidMappings': USERNS, 'gidMappings': USERNS})
        r.says('entered')
    finally:
        holder.kill()
        holder.wait()


# --- what others make of it ---

@case
def crun_and_runc_make_the_same_of_it(g):
    """What engines ask for, in all that mountinfo says of it but numbers; the documented differences left out."""
    peers = [p for p in ('crun', 'runc') if shutil.which(p)]
    if not peers or not os.path.exists('/sys/fs/cgroup/cgroup.controllers'):
        return 'no crun, no runc, or no cgroup v2 for them'
    b = g.bundle()
    (b / 'v/sub').mkdir(parents=True)
    mount('tmpfs', b / 'v', 'tmpfs')
    (b / 'v/sub').mkdir()
    mount('tmpfs', b / 'v/sub', 'tmpfs')
    (b / 'rootfs/var').mkdir()
    (b / 'rootfs/var/run').symlink_to('/run')
    usual = [
        {'destination': '/dev/pts', 'type': 'devpts', 'source': 'devpts', 'options': ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5']},
        {'destination': '/sys', 'type': 'sysfs', 'source': 'sysfs', 'options': ['nosuid', 'noexec', 'nodev', 'ro']},
        {'destination': '/sys/fs/cgroup', 'type': 'cgroup', 'source': 'cgroup', 'options': ['ro', 'nosuid', 'noexec', 'nodev']},
        {'destination': '/dev/mqueue', 'type': 'mqueue', 'source': 'mqueue', 'options': ['nosuid', 'noexec', 'nodev']},
        tmpfs('/dev/shm', 'nosuid', 'noexec', 'nodev', 'mode=1777', 'size=65536k', source='shm'),
        tmpfs('/run', 'rw', 'noexec', 'nosuid', 'nodev', 'tmpcopyup', 'mode=1777'), bind('v', '/v', 'rprivate', 'ro', 'nosuid'),
        bind('/etc/hosts', '/etc/hosts', 'rprivate', 'rw'), bind('/etc/hosts', '/var/run/secret', 'rprivate', 'ro', 'noexec')]
    more = {'mounts': usual, 'ociVersion': '1.0.2', 'root': {'readonly': True},
            'linux': {'maskedPaths': ['/proc/acpi', '/proc/kcore', '/proc/keys', '/proc/timer_list', '/sys/firmware', '/proc/scsi'],
                      'readonlyPaths': ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger']}}
    attributes = {'ro', 'rw', 'nosuid', 'nodev', 'noexec', 'noatime', 'relatime', 'nodiratime'}

    def seen(runtime=None):
        r = g.run(bundle=b, runtime=runtime, **more)
        masks, rest = set(), {}
        for m in r.lines():
            if m.target in more['linux']['maskedPaths']:
                masks.add(m.target)     # what covers it is each one's own: /dev/null or an empty file
            else:
                rest[m.target] = (m.type, m.source if m.type not in ('ext4', 'proc', 'cgroup2') else '', tuple(sorted(m.options & attributes)), tuple(m.tags))
        return masks, rest
    ours = seen()
    for peer in peers:
        masks, rest = seen([peer, '--root', str(g.top / peer)])
        expect(masks == ours[0], peer, masks ^ ours[0])
        for target in sorted(rest.keys() | ours[1].keys()):
            expect(rest.get(target) == ours[1].get(target), target, 'is', ours[1].get(target), 'and of', peer, rest.get(target))
    names = 'for f in /dev/* /dev/pts/ptmx; do stat -c "%n %F %t:%T %a %u:%g" $f; done; readlink /dev/fd /dev/stdin /dev/ptmx'
    mine = g.run(names, bundle=b, **more)
    for peer in peers:
        other = g.run(names, bundle=b, runtime=[peer, '--root', str(g.top / peer)], **more)
        expect(set(mine.out.splitlines()) == set(other.out.splitlines()), peer, set(mine.out.splitlines()) ^ set(other.out.splitlines()))


@case
def without_a_mount_namespace_of_its_own_it_is_refused(g):
    g.run(namespaces=['pid']).refused('/linux/namespaces', 'mount')
    before = os.readlink('/proc/self/ns/mnt'), open('/proc/self/mountinfo').read()
    g.run(linux={'namespaces': [{'type': 'pid'}, {'type': 'mount', 'path': '/proc/self/ns/mnt'}]}).refused('/linux/namespaces', 'mount')
    expect((os.readlink('/proc/self/ns/mnt'), open('/proc/self/mountinfo').read()) == before, 'the host was changed')


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:], os.environ.get('MUST_WORK')))
