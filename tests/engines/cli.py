"""cli - podman and docker through the runtime: they share their command line, and so the tests."""
from concurrent.futures import ThreadPoolExecutor
import json
import os
from pathlib import Path
import time
import urllib.request

from common import GROUND, PROJECT, ROOT, RUNTIME, Fails, Images, Terminal, command, expect, matches, nothing_left, read, traces, wait_for

BUSYBOX = 'localhost/busybox:latest'     # every suite has it from the beginning
NO_NETWORK = ('--network', 'none')
PROFILE = 'engines-test'    # an AppArmor profile
SECCOMP = GROUND / 'seccomp.json'

THROTTLE = ('--device-write-bps', '/dev/vda:1mb')

# What is asked for, how it is seen from inside, and what must be seen then; a control run that asks for nothing must
# see something else. Without the last column for everybody; with it, only for those.
FACTS = (
    ('host name', ('--hostname', 'box'), 'hostname', r'^box$'),
    ('environment', ('-e', 'GREETING=hello there'), 'echo $GREETING', r'^hello there$'),
    ('working directory', ('-w', '/var'), 'pwd', r'^/var$'),
    ('user and groups', ('--user', '1000:1001', '--group-add', '2000'), 'echo $(id -u) $(id -g) $(id -G)', r'^1000 1001 1001 2000$'),
    ('read-only root', ('--read-only',), 'touch /x 2>&1', r'Read-only file system'),
    ('tmpfs of a size', ('--tmpfs', '/scratch:size=1m,mode=1777'), 'df -k /scratch | tail -n 1', r'^tmpfs +1024 '),
    ('ulimit', ('--ulimit', 'nofile=123:456'), 'echo $(ulimit -Sn) $(ulimit -Hn)', r'^123 456$'),
    ('sysctl', ('--sysctl', 'net.ipv4.ip_default_ttl=77'), 'cat /proc/sys/net/ipv4/ip_default_ttl', r'^77$'),
    ('bounding set', ('--cap-drop', 'ALL', '--cap-add', 'NET_BIND_SERVICE'), 'grep CapBnd /proc/self/status', r'\t0000000000000400$'),
    ('no_new_privs', ('--security-opt', 'no-new-privileges'), 'grep NoNewPrivs /proc/self/status', r'\t1$'),
    ('seccomp profile', ('--security-opt', f'seccomp={SECCOMP}'), 'mkdir /tmp/d 2>&1', r'upported'),
    ('AppArmor profile', ('--security-opt', f'apparmor={PROFILE}'), 'cat /proc/self/attr/current', rf'(^|//&){PROFILE} \(\w+\)$', 'root'),
    ('memory.max', ('--memory', '64m', '--memory-swap', '64m'), 'cat /sys/fs/cgroup/memory.max', r'^67108864$'),
    ('memory.swap.max', (), 'cat /sys/fs/cgroup/memory.swap.max', r'^0$'),
    ('memory.low', ('--memory-reservation', '32m'), 'cat /sys/fs/cgroup/memory.low', r'^33554432$'),
    ('pids.max', ('--pids-limit', '50'), 'cat /sys/fs/cgroup/pids.max', r'^50$'),
    ('cpu.max', ('--cpus', '0.5'), 'cat /sys/fs/cgroup/cpu.max', r'^50000 100000$'),
    # Two ways to turn shares into a weight are about: in proportion, and so that 1024 is 100.
    ('cpu.weight', ('--cpu-shares', '512'), 'cat /sys/fs/cgroup/cpu.weight', r'^(20|59)$'),
    ('cpuset.cpus', ('--cpuset-cpus', '0'), 'cat /sys/fs/cgroup/cpuset.cpus', r'^0$'),
    ('io.max', THROTTLE, 'cat /sys/fs/cgroup/io.max', r'wbps=1048576', 'root'),
    ('size of /dev/shm', ('--shm-size', '2m'), 'df -k /dev/shm | tail -n 1', r'^\S+ +2048 '),
    ('device', ('--device', '/dev/loop-control:/dev/lc'), 'stat -c %t:%T /dev/lc 2>&1', r'^a:ed$'),
    ('OOM score', ('--oom-score-adj', '321'), 'cat /proc/self/oom_score_adj', r'^321$'),
    ('read-only volume', ('-v', f'{GROUND}/data:/ro:ro'), 'cat /ro/file; touch /ro/x 2>&1', r'(?s)^from the host\n.*Read-only file system'),
    ('writable volume', ('-v', f'{GROUND}/data:/rw'), 'echo back > /rw/back && cat /rw/back', r'^back$'),
)
# What holds whether it is asked for or not.
ALWAYS = (
    ('seccomp is on', 'grep Seccomp: /proc/self/status', r'\t2$'),
    ('no CAP_SYS_ADMIN', 'grep CapEff /proc/self/status', r'\t0{8}[0-9a-f]{2}[014589cd][0-9a-f]{5}$'),
    ('/proc/kcore is masked', 'head -c 1 /proc/kcore | wc -c', r'^0$'),
    ('/proc/sys is read-only', 'echo 1 2>&1 > /proc/sys/kernel/panic', r'Read-only|cannot create|can.t create'),
    ('/sys/fs/cgroup is read-only', 'touch /sys/fs/cgroup/x 2>&1', r'Read-only|Permission denied'),
    ('it is pid 1', 'echo $$', r'^1$'),
    ('no descriptor but 0 to 2', 'echo $(ls /proc/self/fd)', r'^0 1 2 3$'),
    ('no other namespace\'s processes', 'ls /proc | grep -c "^[0-9]*$"', r'^[1-5]$'),
)
AT_ONCE = 40
SEPARATOR = '-----8<-----'


class Engine:
    """podman or docker. `run` is a container in the foreground, `up` one that stays."""
    waits = ('--time', '60')

    def __init__(self, name, *options):
        self.name, self.options = name, options
        self.image = Images(*options, 'load', '-q', '-i')

    def argv(self, *args):
        return [*self.options, *args]

    def __call__(self, *args, **more):
        return command(*self.argv(*args), **more)

    def run(self, *args, **more):
        return self('run', '--rm', *args, **more)

    def up(self, name, *args):
        return self('run', '-d', '--name', name, *args).strip()

    def inspect(self, name):
        return json.loads(self('inspect', name))[0]

    def running(self, name):
        return self.inspect(name)['State']['Running']

    def pid(self, name):
        return self.inspect(name)['State']['Pid']

    def cgroup(self, name):
        return Path('/sys/fs/cgroup' + read(f'/proc/{self.pid(name)}/cgroup').strip().split(':')[2])

    def remove(self, *names):
        self('rm', '-f', *names, check=False)


def ground():
    """The files that the tests mount, and the AppArmor profile they name."""
    command('rm', '-rf', GROUND)
    (GROUND / 'data').mkdir(parents=True)
    (GROUND / 'data').chmod(0o777)
    (GROUND / 'data/file').write_text('from the host\n')
    (GROUND / 'data/index.html').write_text('from a volume\n')
    SECCOMP.write_text(json.dumps({'defaultAction': 'SCMP_ACT_ALLOW', 'syscalls': [
        {'names': ['mkdir', 'mkdirat'], 'action': 'SCMP_ACT_ERRNO', 'errnoRet': 95}]}))
    if ROOT:
        command('apparmor_parser', '-r', text=f'profile {PROFILE} flags=(attach_disconnected) {{ file, capability, network, signal, mount, umount, ptrace, }}')
    command('modprobe', 'loop', check=False)


# ---- the tests; each takes the engine

def status(engine):
    """run gives output and exit status of what it ran"""
    expect(engine.run(*NO_NETWORK, BUSYBOX, 'echo', 'hello').strip() == 'hello', 'output')
    done = engine.run(*NO_NETWORK, BUSYBOX, 'sh', '-c', 'exit 7', check=False)
    expect(done.returncode == 7, done)
    done = engine.run(*NO_NETWORK, BUSYBOX, 'sh', '-c', 'kill -9 $$', check=False)
    expect(done.returncode in (137, 0) and 'rror' not in done.stdout, done)     # the kernel spares pid 1


def home(engine):
    """HOME is what /etc/passwd of the container says, or what is given; of exec as well"""
    name = f'{engine.name}-home'
    for more, want in ((), '/root'), (('--user', '54321'), '/'), (('-e', 'HOME=/given'), '/given'):
        said = engine.run(*NO_NETWORK, *more, BUSYBOX, 'sh', '-c', 'echo $HOME')
        expect(said == f'{want}\n', more, said)
    engine.up(name, *NO_NETWORK, BUSYBOX, 'sleep', '1000')
    said = engine('exec', name, 'sh', '-c', 'echo $HOME')
    expect(said == '/root\n', 'exec', said)
    engine.remove(name)


def refusals(engine):
    """a program that is not there is 127, one that cannot be executed 126, and the engine says which"""
    for program, want in ('/absent', 127), ('/etc/passwd', 126):
        done = engine.run(*NO_NETWORK, BUSYBOX, program, check=False)
        expect(done.returncode == want and program in done.stdout, done)


def drops_throttle(engine):
    """docker 26 on Debian 13 forgets it before any runtime hears of it."""
    if engine.name != 'docker':
        return False
    name = f'{engine.name}-asked'
    engine('create', '--name', name, *THROTTLE, BUSYBOX)
    kept = engine.inspect(name)['HostConfig']['BlkioDeviceWriteBps']
    engine('rm', name)
    return not kept


def facts(engine):
    """every option holds, seen from inside: limits, mounts, rights"""
    asked = [row for row in FACTS if (ROOT or len(row) == 4) and not (row[1] == THROTTLE and drops_throttle(engine))]
    script = f'; echo; echo "{SEPARATOR}"; '.join([row[2] for row in asked] + [row[1] for row in ALWAYS])
    options = [option for row in asked for option in row[1]]
    holds, plain = (engine.run(*NO_NETWORK, *more, BUSYBOX, 'sh', '-c', script, check=False).stdout.split(SEPARATOR)
                    for more in (options, []))
    expect(len(holds) == len(plain) == len(asked) + len(ALWAYS), ''.join(holds), ''.join(plain))
    bad = [f'{row[0]}: no "{row[3]}" in: {said.strip()}' for row, said in zip(asked, holds) if not seen(row[3], said)]
    bad += [f'{row[0]} cannot fail: {said.strip()}' for row, said in zip(asked, plain) if seen(row[3], said)]
    bad += [f'{row[0]}: no "{row[2]}" in: {text.strip()}' for said in (holds, plain)
            for row, text in zip(ALWAYS, said[len(asked):]) if not seen(row[2], text)]
    expect(not bad, '\n'.join(bad))
    expect(read(GROUND / 'data/back') == 'back\n', 'a volume shows on the host what is written inside')


def seen(pattern, text):
    import re
    return re.search(pattern, text.strip(), re.M)


def rights(engine):
    """--privileged has every capability and device, and no filter; without it none of that"""
    look = 'grep -E "CapEff|Seccomp:" /proc/self/status; ls /dev/vda /dev/full 2>&1'
    text = engine.run('--privileged', *NO_NETWORK, BUSYBOX, 'sh', '-c', look, check=False).stdout
    matches(r'CapEff:\t0+[137]?f{9,}$', text, 'privileged')
    matches(r'Seccomp:\t0', text, 'privileged')
    matches(r'^/dev/vda$', text, 'privileged')
    text = engine.run(*NO_NETWORK, BUSYBOX, 'sh', '-c', look, check=False).stdout
    expect('/dev/vda: No such file' in text and '/dev/full' in text, text)


def devices(engine):
    """a device that was not given cannot be made and opened, one that was can"""
    act = 'mknod /tmp/d c 10 237 && head -c 0 /tmp/d && echo opened'
    for more, opens in ((), False), (('--device-cgroup-rule', 'c 10:237 rwm'), True):
        text = engine.run(*NO_NETWORK, '--cap-add', 'MKNOD', *more, BUSYBOX, 'sh', '-c', act, check=False).stdout
        expect(('opened' in text) == opens and (opens or 'not permitted' in text), more, text)


SIZE = 'until stty size | grep -v "^0 0"; do sleep 0.1; done'       # docker tells it after the start


def terminal(engine):
    """-it gives a terminal of the right size, which follows, and -t the exec as well"""
    name = f'{engine.name}-terminal'
    inside = f'tty; {SIZE}; read word; echo got $word; until read -t 0.5 word; do stty size; done; exit 5'
    t = Terminal(engine.argv('run', '--name', name, *NO_NETWORK, '-it', engine.image('debian'), 'bash', '-c', inside))
    t.until(r'/dev/(pts/\d+|console)\r\n33 99')
    t.type('one\r')
    t.until('got one')
    t.resize(44, 111)
    t.until('44 111')
    e = Terminal(engine.argv('exec', '-it', '-e', 'A=b', '-w', '/tmp', name, 'bash', '-c', f'tty; {SIZE}; pwd; echo $A; exit 6'))
    e.until(r'/dev/pts/\d+\r\n33 99\r\n/tmp\r\nb\r\n')
    expect(e.close() == 6, e.said)
    t.type('two\r')
    expect(t.close() == 5, t.said)
    engine.remove(name)


def served(port, path=''):
    with urllib.request.urlopen(f'http://127.0.0.1:{port}/{path}', timeout=30) as answer:
        return answer.read().decode()


def tried(act):
    try:
        return act()
    except (OSError, Fails):
        return None


def web(engine):
    """nginx: a port, a volume, logs, top, restart with the same content, stop by its own signal"""
    name = f'{engine.name}-web'
    engine.up(name, '-p', '127.0.0.1:8081:80', '-v', f'{GROUND}/data:/usr/share/nginx/html:ro', engine.image('nginx'))
    wait_for(lambda: tried(lambda: served(8081)) == 'from a volume\n', 'nginx answers')
    wait_for(lambda: 'GET / HTTP/1.1' in engine('logs', name), 'the log has the request')
    expect('nginx: worker' in engine('top', name), 'top')
    first = engine.pid(name)
    engine('restart', *engine.waits, name)
    wait_for(lambda: tried(lambda: served(8081)) == 'from a volume\n', 'nginx answers again')
    expect(engine.pid(name) != first, 'a restart makes a new process')
    engine('stop', *engine.waits, name)
    state = engine.inspect(name)['State']
    expect(not state['Running'] and state['ExitCode'] == 0, state)
    engine('start', name)
    wait_for(lambda: tried(lambda: served(8081)) == 'from a volume\n', 'nginx answers after start')
    engine('rm', '-f', name)


def database(engine):
    """redis: as its user, healthy, its data outlive it in a named volume"""
    name, volume = f'{engine.name}-redis', f'{engine.name}-data'
    engine.up(name, *NO_NETWORK, '-v', f'{volume}:/data', engine.image('redis'))
    wait_for(lambda: 'PONG' in engine('exec', name, 'redis-cli', 'ping', check=False).stdout, 'redis answers')
    expect('OK' in engine('exec', name, 'redis-cli', 'set', 'key', 'value'), 'set')
    uid = read(f'/proc/{engine.pid(name)}/status')
    expect('Uid:\t0\t' not in uid, uid)
    healthy(engine, name)
    engine('exec', name, 'redis-cli', 'save')
    engine('rm', '-f', name)
    engine.up(name, *NO_NETWORK, '-v', f'{volume}:/data', engine.image('redis'))
    wait_for(lambda: 'value' in engine('exec', name, 'redis-cli', 'get', 'key', check=False).stdout, 'the data are there again')
    engine('rm', '-f', name)
    engine('volume', 'rm', volume)


def healthy(engine, name):
    if engine.name == 'docker':
        wait_for(lambda: engine.inspect(name)['State']['Health']['Status'] == 'healthy', 'healthy')
    else:
        engine('healthcheck', 'run', name)
        state = engine.inspect(name)['State']
        expect((state.get('Health') or state['Healthcheck'])['Status'] == 'healthy', state)


def life(engine):
    """exec, pause, stats, update, kill with a signal, stop by force"""
    name = f'{engine.name}-life'
    engine.up(name, *NO_NETWORK, '--memory', '256m', BUSYBOX, 'sh', '-c',
              'trap "echo heard" USR1; trap "" TERM; n=0; while :; do n=$((n+1)); echo $n > /n; sleep 0.1; done')
    group = engine.cgroup(name)
    for args, want, text in ((('-u', '1234', name, 'id', '-u'), 0, '1234'), ((name, 'sh', '-c', 'exit 9'), 9, ''),
                             ((name, '/absent'), 127, 'absent'), ((name, '/etc/passwd'), 126, 'passwd')):
        done = engine('exec', *args, check=False)
        # What cannot be executed is 126 to one docker, whatever the reason.
        expect((done.returncode == want or want == 127 and engine.name == 'docker' and done.returncode == 126) and text in done.stdout,
               args, done)
    expect('/proc/1/' in engine('exec', name, 'sh', '-c', 'ls -d /proc/1/') and
           engine('exec', name, 'cat', '/proc/self/cgroup') == engine('exec', name, 'cat', '/proc/1/cgroup'), 'exec is in the cgroup')
    confined = [engine('exec', name, 'grep', '-E', 'Seccomp:|CapBnd|CapEff', f'/proc/{who}/status') for who in ('self', '1')]
    expect(confined[0] == confined[1], 'what is executed in it is confined as it is', confined)
    engine('pause', name)
    expect('1' in read(group / 'cgroup.freeze') and 'frozen 1' in read(group / 'cgroup.events'), 'frozen')
    before = read(f'/proc/{engine.pid(name)}/root/n')
    time.sleep(1)
    expect(read(f'/proc/{engine.pid(name)}/root/n') == before, 'nothing goes on')
    engine('unpause', name)
    wait_for(lambda: read(f'/proc/{engine.pid(name)}/root/n') not in ('', before), 'it goes on')
    text = engine('stats', '--no-stream', '--format', '{{.MemUsage}} {{.PIDs}}', name)
    matches(r'[1-9].*[kKM]i?B / (256MiB|268.4MB) [1-9]', text, 'stats')
    engine('update', '--memory', '128m', '--memory-swap', '128m', name)
    expect(read(group / 'memory.max') == f'{128 << 20}\n', read(group / 'memory.max'))
    engine('kill', '-s', 'USR1', name)
    wait_for(lambda: 'heard' in engine('logs', name), 'the signal arrives')
    engine('stop', '--time', '1', name)
    expect(engine.inspect(name)['State']['ExitCode'] == 137, engine.inspect(name)['State'])
    engine('rm', name)
    expect(not group.exists(), 'the cgroup is gone', group)


def bites(engine):
    """memory ends what takes too much, pids stops what forks too often, CPU time is short"""
    name = f'{engine.name}-bites'
    # It outlives what was killed in it, so that there is a cgroup to be asked. Of podman's own OOMKilled nothing is
    # expected: in a guest it stays false with crun below it as well.
    done = engine('run', '--name', name, *NO_NETWORK, '--memory', '32m', '--memory-swap', '32m', BUSYBOX,
                  'sh', '-c', 'tail /dev/zero; status=$?; cat /sys/fs/cgroup/memory.events; sleep 5; exit $status', check=False)
    expect(done.returncode == 137, done)
    matches(r'^oom_kill [1-9]', done.stdout, 'memory.events')
    expect(engine.name != 'docker' or engine.inspect(name)['State']['OOMKilled'], engine.inspect(name)['State'])
    engine('rm', name)
    text = engine.run(*NO_NETWORK, '--pids-limit', '5', BUSYBOX, 'sh', '-c', 'for i in 1 2 3 4 5 6 7 8; do sleep 5 & done', check=False).stdout
    expect("can't fork" in text, text)
    text = engine.run(*NO_NETWORK, '--cpus', '0.1', BUSYBOX, 'sh', '-c',
                      'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; cat /sys/fs/cgroup/cpu.stat')
    matches(r'nr_throttled [1-9]', text, 'cpu')


def shared(engine):
    """containers share network, processes, IPC and host names by path, and only then"""
    name = f'{engine.name}-first'
    engine.up(name, *NO_NETWORK, '--ipc', 'shareable', '--hostname', 'first', BUSYBOX, 'sleep', '1000')
    spaces = {'network': 'net', 'pid': 'pid', 'ipc': 'ipc'}
    look = 'for space in net pid ipc; do readlink /proc/self/ns/$space; done'
    theirs = engine('exec', name, 'sh', '-c', look).split()
    joined = engine.run(*(f'--{space}=container:{name}' for space in spaces), BUSYBOX, 'sh', '-c', look).split()
    expect(joined == theirs, joined, theirs)
    alone = engine.run(*NO_NETWORK, BUSYBOX, 'sh', '-c', look).split()
    expect(not set(alone) & set(theirs), alone, theirs)
    hosts = [os.readlink(f'/proc/self/ns/{space}') for space in ('net', 'uts')]
    text = engine.run('--network', 'host', '--uts', 'host', BUSYBOX, 'sh', '-c', 'for space in net uts; do readlink /proc/self/ns/$space; done').split()
    expect(ROOT and text == hosts or not ROOT and text[0] == hosts[0], text, hosts)
    engine('rm', '-f', name)


def on_failure(engine):
    """--restart on-failure tries again, as often as it is told"""
    name = f'{engine.name}-again'
    engine.up(name, *NO_NETWORK, '--restart', 'on-failure:2', BUSYBOX, 'sh', '-c', 'echo tried; exit 3')
    wait_for(lambda: engine('logs', name).count('tried') == 3 and not engine.running(name), 'three tries')
    expect(engine.inspect(name)['State']['ExitCode'] == 3, engine.inspect(name)['State'])
    engine('rm', name)


def init(engine):
    """--init: a small init is pid 1 and reaps"""
    text = engine.run(*NO_NETWORK, '--init', BUSYBOX, 'sh', '-c', 'cat /proc/1/comm; (sleep 0.1 &); sleep 1; cat /proc/[0-9]*/stat | grep -c ") Z "; true')
    expect(text.split()[0] != 'sh' and text.split()[1] == '0', text)


def first_sub_id(file):
    """What an ordinary user's ids from 1 on are on the host (subuid(5))."""
    return int(matches(r'^tester:(\d+):', read(file))[1])


def user_namespace(engine):
    """--uidmap: root inside is nobody outside, also of what it writes to an idmapped root"""
    name = f'{engine.name}-userns'
    uid, gid = (200000, 300000) if ROOT else (2001, 3001)       # of the host, or of the user's own namespace
    engine.up(name, *NO_NETWORK, '--uidmap', f'0:{uid}:1000', '--gidmap', f'0:{gid}:1000', BUSYBOX, 'sh', '-c', 'touch /made; sleep 1000')
    text = read(f'/proc/{engine.pid(name)}/status')
    if not ROOT:
        uid, gid = uid - 1 + first_sub_id('/etc/subuid'), gid - 1 + first_sub_id('/etc/subgid')
    matches(rf'^Uid:\t{uid}\t', text)
    matches(rf'^Gid:\t{gid}\t', text)
    wait_for(lambda: 'made' in engine('exec', name, 'ls', '-ln', '/made'), 'it has written')
    matches(r' 0 +0 ', engine('exec', name, 'ls', '-ln', '/made'))
    engine('rm', '-f', '-t', '0', name)


def descriptors(engine):
    """--preserve-fds: a descriptor more, and no other"""
    done = command('sh', '-c', 'exec 3<"$0" "$@"', GROUND / 'data/file',
                   *engine.argv('run', '--rm', *NO_NETWORK, '--preserve-fds=1', BUSYBOX, 'sh', '-c', 'cat <&3; ls /proc/self/fd'))
    expect('from the host' in done, done)


def cgroupfs(engine):
    """--cgroup-manager cgroupfs: the same limits without systemd"""
    text = command(*engine.argv(), '--cgroup-manager', 'cgroupfs', 'run', '--rm', *NO_NETWORK, '--memory', '64m', BUSYBOX,
                   'cat', '/sys/fs/cgroup/memory.max')
    expect('67108864' in text, text)


KUBE = '''
apiVersion: v1
kind: Pod
metadata:
  name: NAME
spec:
  containers:
  - name: web
    image: localhost/nginx:latest
    imagePullPolicy: Never
    ports: [{containerPort: 80, hostPort: 8082}]
    resources: {limits: {memory: 64Mi}}
  - name: client
    image: localhost/busybox:latest
    imagePullPolicy: Never
    command: [sh, -c, 'while :; do wget -qO /page http://127.0.0.1/ && sleep 1000; sleep 1; done']
    securityContext: {readOnlyRootFilesystem: false, runAsUser: 1000, capabilities: {drop: [ALL]}}
    volumeMounts: [{name: data, mountPath: /data}]
  volumes: [{name: data, hostPath: {path: DATA, type: Directory}}]
'''


def kube(engine):
    """play kube: a pod of two containers that share their network, one limited, one an ordinary user"""
    pod = f'{engine.name}-pod'
    file = GROUND / 'pod.yaml'
    file.write_text(KUBE.replace('NAME', pod).replace('DATA', str(GROUND / 'data')).replace('/page', '/tmp/page'))
    engine.image('nginx')
    engine('play', 'kube', file)
    wait_for(lambda: tried(lambda: served(8082)) == 'served by nginx\n', 'the pod answers')
    client, web = f'{pod}-client', f'{pod}-web'
    wait_for(lambda: 'served by nginx' in engine('exec', client, 'cat', '/tmp/page', check=False).stdout, 'one container reaches the other')
    expect('1000' in engine('exec', client, 'id', '-u') and 'from the host' in engine('exec', client, 'cat', '/data/file'), 'client')
    expect(read(engine.cgroup(web) / 'memory.max') == f'{64 << 20}\n', engine.cgroup(web))
    networks = {os.readlink(f'/proc/{pid}/ns/net') for pid in (engine.pid(client), engine.pid(web))}
    expect(len(networks) == 1 and os.readlink('/proc/self/ns/net') not in networks, 'one network', networks)
    engine('pod', 'stop', *engine.waits, pod)
    engine('play', 'kube', '--down', file)
    expect(pod not in engine('ps', '-a', '--format', '{{.Names}}') and pod not in engine('pod', 'ls'), 'the pod is gone')


def take_away(engine, names):
    done = engine('rm', '-f', *engine.at_once, *names, check=False)
    if done.returncode:     # podman gives conmon five seconds to write down an exit status, and is itself what keeps it from it
        expect('timed out waiting for file' in done.stdout, done.stdout)
        engine('rm', '-f', *engine.at_once, *names)


def many(engine, count):
    """many containers are started, four at a time, all run, and nothing is left of any; no more of them at once than a guest can hold"""
    before = traces()
    with ThreadPoolExecutor(4) as pool:
        for first in range(0, count, AT_ONCE):
            names = [f'{engine.name}-many-{number}' for number in range(first, min(first + AT_ONCE, count))]
            list(pool.map(lambda name: engine.up(name, *NO_NETWORK, BUSYBOX, 'sleep', '1000'), names))
            running = engine('ps', '--format', '{{.Names}}').split()
            expect(not set(names) - set(running), 'do not run: ', set(names) - set(running))
            list(pool.map(lambda at: take_away(engine, names[at::4]), range(4)))
            print(f'# {first + len(names)} of {count}', flush=True)
    nothing_left(before)


BOTH = (status, home, refusals, facts, rights, terminal, web, database, life, bites, shared, on_failure)
QUICK = {'podman': (life,), 'docker': (status, home), 'rootless': (status,)}
TESTS = {'docker': (*BOTH, devices), 'podman': (*BOTH, devices, init, user_namespace, descriptors, cgroupfs, kube),
         'rootless': (*BOTH, init, user_namespace, descriptors, kube)}


def podman(tap, quick, count):
    """The containers.conf that is shipped, with the path of the runtime to try."""
    directory = Path('/etc/containers/containers.conf.d') if ROOT else Path('/home/tester/.config/containers/containers.conf.d')
    directory.mkdir(parents=True, exist_ok=True)
    text = (PROJECT / 'profiles/engines/containers.conf.in').read_text()
    (directory / 'casemate.conf').write_text(text.replace('@SBINDIR@/casemate-runtime', RUNTIME))
    engine = Engine('podman' if ROOT else 'rootless', 'podman', '--runtime', 'casemate')
    engine.at_once = ('-t', '0')
    suite(tap, engine, quick, count)


def docker(tap, quick, count):
    """The daemon.json that is shipped, with the path of the runtime to try, as the daemon's default."""
    text = (PROJECT / 'profiles/engines/daemon.json.in').read_text().replace('@SBINDIR@/casemate-runtime', RUNTIME)
    Path('/etc/docker/daemon.json').write_text(json.dumps({**json.loads(text), 'default-runtime': 'casemate'}))
    command('systemctl', 'start', 'docker')
    engine = Engine('docker', 'docker')
    engine.at_once = ()
    expect(engine('info', '--format', '{{.DefaultRuntime}}').strip() == 'casemate', 'the default runtime')
    suite(tap, engine, quick, count)


def suite(tap, engine, quick, count):
    engine.image('busybox')
    engine.run(BUSYBOX, 'true')         # what the engine itself keeps from now on
    before = traces()
    for test in (QUICK if quick else TESTS)[engine.name]:
        if not tap.test(f'{engine.name}: {test.__doc__}', test, engine):
            engine.remove(*engine('ps', '-aq').split())
    if count:
        tap.test(f'{engine.name}: {count} containers started and removed, and nothing left', many, engine, count)
    tap.test(f'{engine.name}: nothing is left of all this', nothing_left, before)
