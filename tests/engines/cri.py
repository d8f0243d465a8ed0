"""cri - what Kubernetes does on a node: containerd with the shipped configuration, spoken to as a kubelet does.

The protocol is gRPC, of which curl knows all but the five bytes in front of a message; the messages are protobuf, of
which these few lines know what the few requests need (runtime.v1 of k8s.io/cri-api)."""
import json
from pathlib import Path
import re
import struct

from common import GROUND, PROJECT, RUNTIME, Fails, Images, command, expect, matches, nothing_left, read, traces, wait_for

SOCKET = '/run/containerd/containerd.sock'
CONFIG = Path('/etc/containerd/config.toml')
SHIPPED = read(PROJECT / 'profiles/kubernetes/containerd.toml.in').replace('@SBINDIR@/casemate-runtime', RUNTIME)
NETWORK = {'cniVersion': '0.4.0', 'name': 'engines', 'plugins': [
    {'type': 'bridge', 'bridge': 'engines0', 'isGateway': True, 'ipMasq': False,
     'ipam': {'type': 'host-local', 'ranges': [[{'subnet': '10.99.0.0/24'}]]}}, {'type': 'loopback'}]}
NAME = 'engines-pod'


# ---- protobuf: a message is {number: value}, a value an int, a text, a message or a list of them

def varint(value):
    value &= (1 << 64) - 1
    out = b''
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def encode(message):
    out = b''
    for number, values in message.items():
        for value in values if isinstance(values, list) else [values]:
            if isinstance(value, int):
                out += varint(number << 3) + varint(value)
            else:
                data = encode(value) if isinstance(value, dict) else value.encode()
                out += varint(number << 3 | 2) + varint(len(data)) + data
    return out


def decode(data):
    """{number: [int or bytes]}"""
    message, at = {}, 0

    def number():
        nonlocal at
        value = shift = 0
        while True:
            byte, at = data[at], at + 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value
    while at < len(data):
        key = number()
        if key & 7 == 0:
            value = number()
        else:
            expect(key & 7 == 2, 'a type of protobuf that nobody expected:', key & 7)
            length = number()
            value, at = data[at:at + length], at + length
        message.setdefault(key >> 3, []).append(value)
    return message


def call(method, message, service='RuntimeService'):
    request, answer, headers = (GROUND / f'cri-{name}' for name in ('request', 'answer', 'headers'))
    body = encode(message)
    request.write_bytes(b'\0' + struct.pack('>I', len(body)) + body)
    command('curl', '-s', '--http2-prior-knowledge', '--unix-socket', SOCKET, '-H', 'content-type: application/grpc', '-H', 'te: trailers',
            '--max-time', '240', '--data-binary', f'@{request}', '-o', answer, '-D', headers, f'http://localhost/runtime.v1.{service}/{method}',
            check=False)     # an error's stream is not closed as curl wants it: the headers tell
    status = re.search(r'grpc-status: (\d+)', read(headers))
    if not status or status[1] != '0':
        raise Fails(f'{method}: {read(headers)}')
    return decode(answer.read_bytes()[5:])


def refused(method, message):
    try:
        call(method, message)
    except Fails as error:
        return str(error)
    raise Fails(f'{method} was not refused: {message}')


# ---- requests

def pod(name):
    """A PodSandboxConfig: in a network of its own, in a slice as the kubelet makes them."""
    logs = GROUND / 'logs' / name
    logs.mkdir(parents=True, exist_ok=True)
    return {1: {1: name, 2: f'{name}-uid', 3: 'default', 4: 0}, 2: name, 3: str(logs), 7: {1: 'io.casemate.test', 2: 'kept'},
            8: {1: 'kubepods-engines.slice', 2: {1: {1: 0, 2: 1, 3: 0}, 9: {}}}}


def container(name, image, args, uid=None, memory=0, read_only=False, mounts=()):
    """A ContainerConfig: no capability, no way to more rights, the runtime's default filter."""
    security = {1: {2: ['ALL'], 1: ['NET_BIND_SERVICE', 'CHOWN', 'SETUID', 'SETGID']}, 3: {1: 0, 2: 1, 3: 0}, 7: int(read_only), 11: 1, 15: {}}
    if uid:
        security[5] = {1: uid}
        security[1] = {2: ['ALL']}
    return {1: {1: name, 2: 0}, 2: {1: image}, 4: list(args), 10: {1: 'io.casemate.test', 2: 'kept'}, 11: f'{name}.log',
            7: [{1: inside, 2: str(outside), 3: 1} for outside, inside in mounts],
            15: {1: {4: memory, 3: 512, 1: 100000, 2: 50000}, 2: security}}


class Pod:
    def __init__(self, handler):
        self.config = pod(NAME)
        self.id = call('RunPodSandbox', {1: self.config, 2: handler})[1][0].decode()

    def start(self, config):
        made = call('CreateContainer', {1: self.id, 2: config, 3: self.config})[1][0].decode()
        call('StartContainer', {1: made})
        return made

    def remove(self):
        call('StopPodSandbox', {1: self.id})
        call('RemovePodSandbox', {1: self.id})


def exec_in(container, *args):
    """(exit status, what it printed)"""
    answer = call('ExecSync', {1: container, 2: list(args), 3: 120})
    return answer.get(3, [0])[0], b''.join(answer.get(1, []) + answer.get(2, [])).decode()


def state(container):
    """(state, exit code)"""
    status = decode(call('ContainerStatus', {1: container})[1][0])
    return status.get(3, [0])[0], status.get(7, [0])[0]


# ---- the tests

def handler():
    """The RuntimeClass's, which is a runtime in containerd's configuration."""
    name = matches(r'^handler: (\w+)', read(PROJECT / 'profiles/kubernetes/runtimeclass.yaml'))[1]
    matches(rf'runtimes\.{name}\]', read(PROJECT / 'profiles/kubernetes/containerd.toml.in'))
    return name


def configure():
    command('systemctl', 'start', 'containerd')
    for name in 'pause', 'busybox', 'nginx':
        Images('ctr', '--namespace', 'k8s.io', 'image', 'import')(name)
    (GROUND / 'cni').mkdir()
    (GROUND / 'cni/10-engines.conflist').write_text(json.dumps(NETWORK))
    CONFIG.parent.mkdir(exist_ok=True)
    CONFIG.write_text(f'''{SHIPPED}
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "localhost/pause:latest"
[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "/usr/lib/cni"
  conf_dir = "{GROUND}/cni"
''')
    command('systemctl', 'restart', 'containerd')
    wait_for(lambda: not command('ctr', 'version', check=False).returncode, 'containerd answers')


def walk_through():
    """the lines of docs/kubernetes.md make what containerd can read, with and without a configuration before"""
    shipped, made = GROUND / 'containerd.toml', GROUND / 'config.toml'
    shipped.write_text(SHIPPED)
    text = read(PROJECT / 'docs/kubernetes.md').replace('/usr/share/casemate/kubernetes/containerd.toml', str(shipped)).replace(str(CONFIG), str(made))
    for before, line in ('', r'^ +(cp .*)$'), (command('containerd', 'config', 'default'), r'^ +(sed .*)$'):
        made.write_text(before)
        command('sh', '-c', matches(line, text)[1])
        dump = command('containerd', '-c', made, 'config', 'dump')
        for name in 'casemate', 'runc':
            matches(rf'containerd\.runtimes\.{name}\]', dump)
        matches(rf'BinaryName = "{RUNTIME}"', dump)


def whole():
    """a pod of two containers under the RuntimeClass: network, limits, rights, exec, logs, ends"""
    it = Pod(handler())
    used = read(f'/run/containerd/io.containerd.runtime.v2.task/k8s.io/{it.id}/runtime').strip()
    expect(used == RUNTIME, 'the runtime is', used or 'not to be found')
    web = it.start(container('web', 'localhost/nginx:latest', [], memory=64 << 20))
    client = it.start(container('client', 'localhost/busybox:latest', ['sh', '-c', 'echo begun; sleep 1000'], uid=1000, read_only=True,
                                mounts=[(GROUND / 'data', '/data')]))
    wait_for(lambda: 'served by nginx' in exec_in(client, 'wget', '-qO', '-', 'http://127.0.0.1/')[1], 'nginx answers its neighbour')
    for args, pattern in ((('id', '-u'), r'^1000$'), (('cat', '/data/file'), r'^from the host$'),
                          (('touch', '/x'), 'Read-only file system'), (('touch', '/data/x'), 'Read-only file system'),
                          (('grep', '-E', 'CapBnd|NoNewPrivs|Seccomp:', '/proc/self/status'), r'(?s)CapBnd:\t0+\n.*NoNewPrivs:\t1\n.*Seccomp:\t2'),
                          (('hostname',), NAME), (('sh', '-c', 'echo home=$HOME'), '^home=/'), (('ip', 'addr', 'show', 'eth0'), r'inet 10\.99\.0\.')):
        matches(pattern, exec_in(client, *args)[1], ' '.join(args))
    expect(exec_in(client, 'sh', '-c', 'exit 9')[0] == 9, 'the exit status of an exec')
    tops = [path for path in Path('/sys/fs/cgroup/kubepods.slice').rglob('memory.max') if read(path) == f'{64 << 20}\n']
    expect(tops and all('kubepods-engines.slice' in str(path) for path in tops), tops)
    matches(r' stdout F begun', read(GROUND / 'logs' / NAME / 'client.log'))
    expect(state(client)[0] == 1, 'it runs')
    call('StopContainer', {1: client, 2: 1})
    expect(state(client) == (2, 137), state(client))
    call('StopContainer', {1: web, 2: 60})
    expect(state(web)[0] == 2, state(web))
    for made in client, web:
        call('RemoveContainer', {1: made})
    it.remove()


def unknown():
    """a handler that is not configured, a program that is not there: refused, and said why"""
    expect('absent' in refused('RunPodSandbox', {1: pod(NAME), 2: 'absent'}), 'the handler is named')
    it = Pod(handler())
    made = call('CreateContainer', {1: it.id, 2: container('absent', 'localhost/busybox:latest', ['/absent']), 3: it.config})[1][0].decode()
    expect('absent' in refused('StartContainer', {1: made}), 'the program is named')
    it.remove()


def suite(tap, quick, count):
    configure()
    tap.test('kubernetes: a pod begins and ends', lambda: Pod(handler()).remove())
    before = traces()
    for test in (whole,) if quick else (walk_through, whole, unknown):
        tap.test(f'kubernetes: {test.__doc__}', test)
    tap.test('kubernetes: nothing is left of all this', nothing_left, before)
    CONFIG.unlink()
    command('systemctl', 'restart', 'containerd')
