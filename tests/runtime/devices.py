#!/usr/bin/env python3
"""devices.py - casemate-runtime's devices, used from inside: config-linux.md "Devices", "Default Devices", "Allowed Device list".

    devices.py [CASE...]         as root; MUST_WORK=1: a skip is a failure
"""
import os
import stat
import sys

from ground import ALL_CAPS, bind, case, dev, expect, main, mount, proc, tmpfs

DENY_ALL = {'allow': False, 'access': 'rwm'}


def device(path, kind, major=None, minor=None, **more):
    return {'path': path, 'type': kind, **({} if major is None else {'major': major, 'minor': minor}), **more}


def rules(*rules):
    return {'resources': {'devices': list(rules)}}


# --- nodes ---

@case
def the_default_devices(g):
    g.run('stat -c "%n %t:%T %a" /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty; for l in fd stdin stdout stderr ptmx; do readlink /dev/$l; done;'
          'head -c 3 /dev/zero | wc -c; echo x > /dev/null && echo null; echo x > /dev/full || echo full; head -c 4 /dev/urandom >/dev/null && echo random').says(
        '/dev/null 1:3 666', '/dev/zero 1:5 666', '/dev/full 1:7 666', '/dev/random 1:8 666', '/dev/urandom 1:9 666', '/dev/tty 5:0 666',
        '/proc/self/fd\n/proc/self/fd/0\n/proc/self/fd/1\n/proc/self/fd/2\npts/ptmx', 'null', 'full', 'random')


@case
def a_root_without_a_mount_on_dev_has_them_too(g):
    b = g.bundle()
    for _ in range(2):      # the second time they are there already
        g.run('echo x > /dev/null && readlink /dev/ptmx', bundle=b, base=False, mounts=[proc()]).says('pts/ptmx')
    expect(stat.S_ISCHR((b / 'rootfs/dev/null').stat().st_mode), 'no node')


@case
def devices_are_made_as_they_are_described(g):
    listed = [device('/dev/fuse', 'c', 10, 229, fileMode=0o640, uid=3, gid=4), device('/elsewhere/disk', 'b', 7, 300, fileMode=0o60600),
              device('/dev/pipe', 'p', fileMode=0o622), device('/dev/unbuffered', 'u', 1, 3), device('/dev/null', 'c', 1, 3, fileMode=0o600)]
    g.run('stat -c "%n %t:%T %a %u:%g %F" /dev/fuse /elsewhere/disk /dev/pipe /dev/unbuffered /dev/null', linux={'devices': listed}).says(
        '/dev/fuse a:e5 640 3:4 character', '/elsewhere/disk 7:12c 600 0:0 block', '/dev/pipe 0:0 622 0:0 fifo',
        '/dev/unbuffered 1:3 666', '/dev/null 1:3 600')


@case
def a_listed_ptmx_is_the_containers_own(g):
    """--privileged: engines list every device of the host"""
    g.run('readlink /dev/ptmx', linux={'devices': [device('/dev/ptmx', 'c', 5, 2)]}).says('pts/ptmx')


@case
def what_a_device_must_have(g):
    for wrong, word in ((device('/d', 'x', 1, 1), 'type'), (device('/d', 'c'), 'major'), (device('d', 'c', 1, 1), 'path'),
                        ({'type': 'c', 'major': 1, 'minor': 1}, 'path'), (device('/d', 'c', 1 << 12, 1), 'major'), (device('/d/', 'c', 1, 1), 'path')):
        g.run(linux={'devices': [device('/ok', 'c', 1, 3), wrong]}).refused('/linux/devices/1', word)


@case
def another_file_in_its_place_is_an_error(g):
    """config-linux.md#devices: MUST generate an error"""
    def image(make):
        b = g.bundle()
        (b / 'rootfs/dev').mkdir()
        make(b / 'rootfs/dev/d')
        return b
    listed = {'devices': [device('/dev/d', 'c', 1, 3)]}
    for make in (lambda p: p.write_text('something'), lambda p: p.write_text(''), lambda p: p.mkdir(), lambda p: p.symlink_to('null'), os.mkfifo,
                 lambda p: os.mknod(p, 0o600 | stat.S_IFCHR, os.makedev(1, 5)), lambda p: os.mknod(p, 0o600 | stat.S_IFBLK, os.makedev(1, 3))):
        b = image(make)
        g.run(bundle=b, base=False, mounts=[proc()], linux=listed).refused('/linux/devices/0', '/dev/d')
    b = image(lambda p: os.mknod(p, 0o600 | stat.S_IFCHR, os.makedev(1, 3)))
    g.run('echo fine > /dev/d && echo fine', bundle=b, base=False, mounts=[proc()], linux=listed).says('fine')


@case
def a_bound_dev_is_left_alone(g):
    before = sorted(os.listdir('/dev'))
    b = g.bundle()
    other = b / 'other'
    other.mkdir()
    (other / 'ptmx').write_text('mine')
    g.run('ls /dev', bundle=b, base=False, mounts=[proc(), bind(other, '/dev')], linux={'devices': [device('/dev/x', 'c', 1, 3)]}).says('ptmx')
    expect(os.listdir(other) == ['ptmx'] and (other / 'ptmx').read_text() == 'mine', os.listdir(other))
    g.run('echo x > /dev/null && echo fine', bundle=b, base=False, mounts=[proc(), bind('/dev', '/dev')]).says('fine')
    expect(sorted(os.listdir('/dev')) == before, 'the host has another /dev now')


@case
def a_read_only_dev_has_them_and_is_read_only(g):
    mine = dev(options=['nosuid', 'ro', 'mode=755'])
    g.run('echo x > /dev/null && touch /dev/x || echo refused', base=False, mounts=[proc(), mine, tmpfs('/dev/shm')]).says('refused')


@case
def in_a_user_namespace_the_hosts_devices_are_bound(g):
    b = g.give(g.bundle())
    r = g.run('echo x > /dev/null && head -c 2 /dev/zero | wc -c; echo x > /dev/full || echo full; stat -c "%t:%T %u" /dev/null; readlink /dev/ptmx; '
              'mknod /dev/sda b 8 0 || echo refused', bundle=b, userns=True, caps=ALL_CAPS)
    r.says('2\n', 'full', '1:3 65534', 'pts/ptmx', 'refused')
    for _ in range(2):      # what one run left to bind on does for the next
        g.run('echo x > /dev/null && echo fine', bundle=b, userns=True, base=False, mounts=[proc()]).says('fine')
    g.run(bundle=b, userns=True, linux={'devices': [device('/dev/nobody-has-this', 'c', 1, 3)]}).refused('/linux/devices/0', 'host')
    (b / 'rootfs/dev/zero').unlink()
    (b / 'rootfs/dev/zero').write_text('of the image')
    g.run(bundle=b, userns=True, base=False, mounts=[proc()]).refused('/dev/zero')


# --- rules ---

@case
def rules_decide_what_is_opened(g):
    b = g.bundle()
    nodes = [device('/dev/a', 'c', 1, 3), device('/dev/loop', 'b', 7, 0), device('/dev/kmsg', 'c', 1, 11)]
    act = 'for d in a kmsg; do for how in "<" ">"; do (eval ": $how /dev/$d") 2>/dev/null && echo "$d$how"; done; done; echo end'
    def opened(*list_):
        r = g.run(act, bundle=b, caps=['CAP_SYSLOG'], linux={'devices': nodes, **rules(*list_)})
        r.says('end')
        return r.out.split()[:-1]
    expect(opened(DENY_ALL) == ['a<', 'a>'], 'the default devices and nothing else:', opened(DENY_ALL))
    expect(opened(DENY_ALL, {'allow': True, 'type': 'c', 'major': 1, 'minor': 11, 'access': 'r'}) == ['a<', 'a>', 'kmsg<'], 'one for reading')
    expect(opened(DENY_ALL, {'allow': True, 'type': 'c', 'major': 1, 'access': 'rw'},
                  {'allow': False, 'type': 'c', 'major': 1, 'minor': 11, 'access': 'w'}) == ['a<', 'a>', 'kmsg<'], 'the later rule')
    expect(opened({'allow': True, 'access': 'rwm'}) == ['a<', 'a>', 'kmsg<', 'kmsg>'], 'all')
    expect(opened({'allow': True, 'type': 'a', 'access': 'rwm'}, {'allow': False, 'type': 'b', 'access': 'rwm'}) == ['a<', 'a>', 'kmsg<', 'kmsg>'], 'all but disks')
    r = g.run(act, bundle=b, caps=['CAP_SYSLOG'], linux={'devices': nodes, 'cgroupsPath': f'/casemate-runtime-test-{os.getpid()}'})
    r.says('end')
    expect(r.out.split()[:-1] == ['a<', 'a>'], 'where no rules are given, those of engines hold:', r.out)


@case
def a_device_of_the_image_cannot_be_opened(g):
    b = g.bundle()
    os.mknod(b / 'rootfs/kmsg', 0o666 | stat.S_IFCHR, os.makedev(1, 11))
    g.run('head -c 1 /kmsg || echo refused', bundle=b, linux=rules(DENY_ALL)).says('refused')
    g.run('mknod /k2 c 1 11 && (head -c 1 /k2 || echo refused)', bundle=b, linux=rules(DENY_ALL), caps=ALL_CAPS).says('refused')


@case
def a_disk_needs_a_rule(g):
    b = g.bundle()
    (b / 'image').write_bytes(b'disk' * 1024)
    loops = [d for d in os.listdir('/dev') if d.startswith('loop') and d[4:].isdigit()]
    if not loops:
        return 'no loop devices'
    st = os.stat('/dev/' + loops[0])
    node = device('/disk', 'b', os.major(st.st_rdev), os.minor(st.st_rdev))
    g.run('(: < /disk) 2>&1 || echo refused', linux={'devices': [node], **rules(DENY_ALL)}).says('not permitted', 'refused')


@case
def what_a_rule_must_have(g):
    for wrong, word in (({'access': 'rwm'}, 'allow'), ({'allow': True}, 'access'), ({'allow': True, 'access': 'x'}, "'x'"),
                        ({'allow': True, 'type': 'd', 'access': 'r'}, "'d'")):
        g.run(linux=rules(DENY_ALL, wrong)).refused('/linux/resources/devices/1', word)
    g.run(linux=rules(*[DENY_ALL] * 600)).refused('/linux/resources/devices', 'rules')


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:], os.environ.get('MUST_WORK')))
