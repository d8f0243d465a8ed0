#!/usr/bin/env python3
"""hostile.py - images and volumes that were made to reach the host while casemate-runtime mounts into them. Each ends in a refusal
or in a container that is what it should be; what lies outside its root is afterwards what it was.

    hostile.py [CASE...]         as root; RACE_ROUNDS=N: how many launches a race has
"""
import ctypes
import os
import stat
import sys
import time

from ground import ALL_CAPS, MOUNTINFO, bind, case, dev, expect, floor, libc, main, mount, ordinary, proc, tmpfs

MASKS = {'maskedPaths': ['/proc/kcore', '/proc/version'], 'readonlyPaths': ['/proc/sys']}
AT_FDCWD, RENAME_EXCHANGE = -100, 2


def snapshot(top):
    seen = {}
    for at, dirs, files in os.walk(top):
        for name in [*dirs, *files, '.']:
            st = os.lstat(os.path.join(at, name))
            seen[os.path.join(at, name)] = (st.st_mode, st.st_uid, st.st_rdev, st.st_size, st.st_mtime_ns, st.st_ctime_ns)
    return seen


class Outside:
    """A directory of the host that nothing may change."""
    def __init__(self, g):
        g.n += 1
        self.path = g.top / f'outside{g.n}'
        (self.path / 'dir').mkdir(parents=True)
        (self.path / 'file').write_text('of the host')
        (self.path / 'null').write_text('of the host')
        (self.path / 'ptmx').write_text('of the host')
        self.before = snapshot(self.path)

    def unchanged(self, *what):
        now = snapshot(self.path)
        expect(now == self.before, *what, 'changed outside:', {k for k in now.keys() | self.before.keys() if now.get(k) != self.before.get(k)})


def leads_out(outside, name=''):
    """Links that lead out of a root, one way or another."""
    yield str(outside.path / name)
    yield '/../../../../../../..' + str(outside.path / name)
    yield '../' * 20 + str(outside.path / name).lstrip('/')


# --- links in the image ---

@case
def proc_and_sys_that_are_links(g):
    """runc CVE-2019-19921, CVE-2023-27561, CVE-2023-28642"""
    for place, entry in (('proc', proc()), ('sys', {'destination': '/sys', 'type': 'sysfs', 'source': 'sysfs'})):
        out = Outside(g)
        for link in (*leads_out(out, 'dir'), 'elsewhere', '/elsewhere'):
            b = g.bundle()
            (b / 'rootfs' / place).symlink_to(link)
            (b / 'rootfs/elsewhere').mkdir()
            g.run(bundle=b, base=False, mounts=[dev(), entry], linux=MASKS).refused('/mounts/1', 'link')
            out.unchanged(place, link)
    b = g.bundle()
    (b / 'rootfs/a').symlink_to('b')
    (b / 'rootfs/b').mkdir()
    g.run(bundle=b, base=False, mounts=[{'destination': '/a/proc', 'type': 'proc', 'source': 'proc'}]).refused('/mounts/0')
    (b / 'rootfs/proc').write_text('a file')
    g.run(bundle=b).refused('/mounts/0', 'directory')


@case
def proc_that_is_a_volume(g):
    """runc CVE-2019-16884: what the image has at /proc is covered, and ours is the kernel's"""
    b = g.bundle()
    (b / 'rootfs/proc/self/attr').mkdir(parents=True)
    (b / 'rootfs/proc/self/attr/exec').write_text('')
    (b / 'rootfs/proc/version').write_text('false')
    r = g.run('ls /proc/self/fd >/dev/null && cat /proc/version; echo end; ' + MOUNTINFO, bundle=b, linux=MASKS)
    expect(r.at('/proc').type == 'proc' and 'false' not in r.out and (b / 'rootfs/proc/self/attr/exec').read_text() == '', r.out)


@case
def a_dev_that_is_a_link(g):
    """crun CVE-2019-18837, runc CVE-2026-41579"""
    out = Outside(g)
    for link in leads_out(out):
        b = g.bundle()
        (b / 'rootfs/dev').symlink_to(link)
        g.run('echo x > /dev/null && echo fine', bundle=b, base=False, mounts=[proc()]).says('fine')       # made in its own root
        out.unchanged(link)
        b = g.bundle()
        (b / 'rootfs/dev').symlink_to(link)
        expect(g.run('echo x > /dev/null && echo fine', bundle=b).code == 0, link)
        out.unchanged(link)


@case
def devices_that_are_links_or_files(g):
    """runc CVE-2025-31133, crun CVE-2026-88264, CVE-2026-88265"""
    out = Outside(g)
    for link in (*leads_out(out, 'null'), '/proc/sys/kernel/core_pattern'):
        b = g.bundle()
        (b / 'rootfs/dev').mkdir()
        (b / 'rootfs/dev/null').symlink_to(link)
        g.run(bundle=b, base=False, mounts=[proc()], linux=MASKS).refused('/dev/null')
        out.unchanged(link)
    for link in leads_out(out, 'ptmx'):
        b = g.bundle()
        (b / 'rootfs/dev').mkdir()
        (b / 'rootfs/dev/ptmx').symlink_to(link)
        (b / 'rootfs/dev/fd').symlink_to(link)
        g.run('readlink /dev/ptmx', bundle=b, base=False, mounts=[proc()]).says('pts/ptmx')
        out.unchanged(link)


@case
def mount_points_that_are_links(g):
    """LXC CVE-2015-1335, moby GHSA-vp62-88p7-qqf5"""
    out = Outside(g)
    for link in leads_out(out, 'dir'):
        b = g.bundle()
        (b / 'rootfs/v').symlink_to(link)
        (b / 'rootfs/w').mkdir()
        (b / 'rootfs/w/x').symlink_to(link)
        r = g.run(bundle=b, mounts=[tmpfs('/v'), tmpfs('/w/x/y/z'), bind('/etc/passwd', '/v/file')], linux={'maskedPaths': ['/v/file']})
        for m in r.lines():
            expect(m.target == '/' or not m.target.startswith('/..'), m.target)
        expect(len([m for m in r.lines() if m.target.startswith(str(out.path))]) == 4, 'beneath its own root:', r.out)
        out.unchanged(link)
    for link in leads_out(out, 'file'):
        b = g.bundle()
        (b / 'rootfs/f').symlink_to(link)
        g.run('cat /f', bundle=b, mounts=[bind('/etc/passwd', '/f')]).says('root:')
        out.unchanged(link)


@case
def links_to_nowhere_are_made_inside(g):
    b = g.bundle()
    out = Outside(g)
    (b / 'rootfs/var').mkdir()
    (b / 'rootfs/var/run').symlink_to('../run')
    (b / 'rootfs/a').symlink_to('b')
    (b / 'rootfs/b').symlink_to(str(out.path / 'new/deep'))
    r = g.run('cat /var/run/secret; cat /a/f', bundle=b, mounts=[bind('/etc/passwd', '/var/run/secret'), bind('/etc/passwd', '/a/f')])
    r.says('root:')
    out.unchanged('dangling')
    expect((b / 'rootfs/run/secret').exists() and (b / ('rootfs' + str(out.path)) / 'new/deep/f').exists(), 'not made inside')
    (b / 'rootfs/var/lib').symlink_to('/srv/lib')
    g.run('cat /srv/lib/f', bundle=b, mounts=[bind('/etc/passwd', '/var/lib/f')]).says('root:')
    expect(not (b / 'rootfs/var/srv').exists(), 'an absolute link begins at the root')
    (b / 'rootfs/loop').symlink_to('loop2')
    (b / 'rootfs/loop2').symlink_to('loop')
    g.run(bundle=b, mounts=[tmpfs('/loop/x')]).refused('/mounts/2')


@case
def magic_links_are_not_followed(g):
    """A container's /proc/self/root and cwd lead to what the runtime sees"""
    out = Outside(g)
    for path in (f'/proc/self/root{out.path}/dir', f'/proc/self/cwd{out.path}/dir', '/proc/self/fd/0/x', '/proc/1/root/x'):
        g.run(mounts=[tmpfs(path)]).refused('/mounts/2')
        out.unchanged(path)
    g.run(mounts=[bind('/proc/self/root/etc', '/e')]).refused('/mounts/2', '/proc/PID')


@case
def a_mask_that_leads_out_masks_inside(g):
    b = g.bundle()
    out = Outside(g)
    (b / 'rootfs/m').symlink_to(str(out.path / 'file'))
    g.run('echo alive', bundle=b, linux={'maskedPaths': ['/m'], 'readonlyPaths': ['/m']}).says('alive')
    out.unchanged('mask')
    expect((out.path / 'file').read_text() == 'of the host', 'masked on the host')


@case
def an_image_that_copies_itself_up_stays_inside(g):
    b = g.bundle()
    out = Outside(g)
    (b / 'rootfs/t').mkdir()
    for i, link in enumerate(leads_out(out, 'dir')):
        (b / f'rootfs/t/l{i}').symlink_to(link)
    (b / 'rootfs/t/dir').mkdir()
    g.run('echo x > /t/dir/x; ls /t', bundle=b, mounts=[tmpfs('/t', 'tmpcopyup')]).says('l0', 'dir')
    out.unchanged('tmpcopyup')
    (b / 'rootfs/u').symlink_to(str(out.path))
    r = g.run('ls -A /u', bundle=b, mounts=[tmpfs('/u', 'tmpcopyup')])
    expect(r.code == 0 and 'file' not in r.out, 'the host\'s files:', r.out, r.err)


# --- names that are exchanged meanwhile ---

class Exchange:
    """Two names, exchanged without end by another process."""
    def __init__(self, a, b):
        self.a, self.b = os.fsencode(a), os.fsencode(b)

    def __enter__(self):
        self.pid = os.fork()
        if self.pid == 0:
            while True:
                libc.syscall(ctypes.c_long(316), AT_FDCWD, self.a, AT_FDCWD, self.b, RENAME_EXCHANGE)
        return self

    def __exit__(self, *_):
        os.kill(self.pid, 9)
        os.waitpid(self.pid, 0)


def race(g, out, b, mounts, entries, right, **more):
    """A launch may succeed or be refused; `right` looks at one that succeeded."""
    rounds, done, until = int(os.environ.get('RACE_ROUNDS', '60')), 0, time.monotonic() + float(os.environ.get('RACE_SECONDS', '20'))
    with Exchange(*entries):
        while done < rounds and time.monotonic() < until:
            r = g.run(bundle=b, mounts=mounts, **more)
            if r.code == 0:
                right(r)
            else:
                expect('casemate' in r.err, 'it died:', r.code, r.err)
            out.unchanged('round', done)
            done += 1
    expect(done >= 5, f'only {done} launches')


@case
def a_mount_point_in_a_shared_volume_exchanged_for_a_link(g):
    """runc CVE-2021-30465"""
    b, out = g.bundle(), Outside(g)
    v = b / 'volume'
    (v / 'dir').mkdir(parents=True)
    (v / 'link').symlink_to('/' + '../' * 10 + str(out.path / 'dir').lstrip('/'))

    def right(r):
        here = [m for m in r.lines() if m.type == 'tmpfs' and m.source == 'mine']
        expect(len(here) == 1 and (here[0].target.startswith('/v/') or here[0].target == str(out.path / 'dir')), 'mounted at', [m.target for m in here])
    race(g, out, b, [bind(v, '/v'), tmpfs('/v/dir', source='mine')], (v / 'dir', v / 'link'), right)


@case
def what_is_made_in_a_shared_volume_exchanged_for_a_link(g):
    """runc CVE-2024-45310: no file nor directory appears on the host"""
    b, out = g.bundle(), Outside(g)
    v = b / 'volume'
    (v / 'dir').mkdir(parents=True)
    (v / 'link').symlink_to('/' + '../' * 10 + str(out.path / 'dir').lstrip('/'))
    n = [0]

    def right(r):
        expect(any(m.source == 'mine' for m in r.lines()) and any(m.target.endswith('/file') for m in r.lines()), r.out)
    with Exchange(v / 'dir', v / 'link'):
        until = time.monotonic() + float(os.environ.get('RACE_SECONDS', '20'))
        while n[0] < int(os.environ.get('RACE_ROUNDS', '60')) and time.monotonic() < until:
            n[0] += 1
            r = g.run(bundle=b, mounts=[bind(v, '/v'), tmpfs(f'/v/dir/{n[0]}/deep', source='mine'), bind('/etc/passwd', f'/v/dir/f{n[0]}/file')])
            if r.code == 0:
                right(r)
            out.unchanged('round', n[0])
    expect(n[0] >= 5, 'only', n[0], 'launches')


@case
def a_source_that_leads_elsewhere_under_a_floor(g):
    """casemate-floor(5): what is mounted is what the floor was asked about, whatever becomes of a link in a place that others may write to"""
    b, out = g.bundle(), Outside(g)
    volumes = g.top / 'volumes'
    (volumes / 'a/dir').mkdir(parents=True)
    (volumes / 'a/dir/mine').write_text('')
    (volumes / 'near').symlink_to('a/dir')
    (volumes / 'far').symlink_to(out.path)

    def run(source):
        return g.run(bundle=b, root={'readonly': True}, process=ordinary('ls /v'),
                     mounts=[{'destination': '/v', 'type': 'bind', 'source': str(source), 'options': ['bind', 'ro', 'nosuid', 'nodev', 'noexec']}])
    (b / 'rootfs/v').mkdir()
    with floor(mounts=[{'source': str(volumes)}]):
        run(volumes / 'a/dir').says('mine')
        run(volumes / 'near').says('mine')
        run(volumes / 'far').refused('/mounts/2', str(out.path))
        until = time.monotonic() + float(os.environ.get('RACE_SECONDS', '20')) / 2
        with Exchange(volumes / 'a', volumes / 'far'):
            for _ in range(int(os.environ.get('RACE_ROUNDS', '60'))):
                done = run(volumes / 'a/dir')
                expect(done.code or 'mine' in done.out, 'another directory:', done.out)
                if time.monotonic() > until:
                    break
    (volumes / 'out').symlink_to(out.path)
    expect(run(volumes / 'out').out.split() == ['dir', 'file', 'null', 'ptmx'], 'without a floor links are followed')
    out.unchanged('source')


@case
def proc_in_a_root_that_others_change(g):
    """CVE-2019-19921 again: /proc exchanged for a link during the launch. It is the kernel's, and masked, or there is no container"""
    b, out = g.bundle(), Outside(g)
    (b / 'rootfs/proc').mkdir()
    (b / 'rootfs/tmp').mkdir()
    (b / 'rootfs/link').symlink_to('/tmp')

    def right(r):
        whole = [m for m in r.lines() if m.type == 'proc' and m.root == '/']
        sys_ = [m for m in r.lines() if m.type == 'proc' and m.root == '/sys' and m.parent == whole[0].id]
        masks = [m for m in r.lines() if m.root == '/empty' and m.parent == whole[0].id]
        expect(len(whole) == 1 and len(sys_) == 1 and 'ro' in sys_[0].options and masks, r.out)
    race(g, out, b, [], (b / 'rootfs/proc', b / 'rootfs/link'), right, act='while ! cat /proc/self/mountinfo 2>/dev/null; do :; done', linux=MASKS)


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:], os.environ.get('MUST_WORK')))
