# docker run lines, run for real: in the background and the foreground, with volumes; and what is refused does not start.
import shutil

store, data = WORK / 'store', WORK / 'data'
image = store / 'rootfs' / 'myapp:1.2.3'
image.parent.mkdir(parents=True)
shutil.copytree(ROOTFS, image, symlinks=True)
image.with_name(image.name + '.json').write_text(json.dumps({'config': {
    'Entrypoint': ['/bin/sh', '-c'], 'Cmd': ['id -u >/data/uid; touch /x 2>/data/denied; read line </dev/stdin; echo end >/data/read; sleep 1000']}}))
data.mkdir(mode=0o777)
data.chmod(0o777)
WITHOUT = ['--without', ','.join(GAPS)] if GAPS else []


def docker(*args, **more):
    return casemate('docker', *WITHOUT, 'run', *args, env={'CASEMATE_STORE': str(store)}, **more)


def until(holds, what):
    deadline = time.monotonic() + 20
    while not holds():
        expect(time.monotonic() < deadline, f'waited in vain: {what}')
        time.sleep(0.01)


def record(name):
    return json.loads((host.state / name / 'record.json').read_text())


def stop(name):
    """And forgotten: in the background, how it ended stays until then."""
    for command in 'stop', 'rm':
        result = casemate(command, name)
        expect(result.code == 0, command, result)
    expect(not (host.state / name).exists(), f'{name} is gone')


# The line that the project was asked for.
result = docker('-d', '--name', 'myapp', '--user', '1000:1000', '--read-only', '--cap-drop=ALL',
                '--security-opt=no-new-privileges', '--memory=512m', '--cpus=0.5', '-v', f'{data}:/data:rw', 'myapp:1.2.3')
expect(result.code == 0 and result.out == 'myapp\n', result)
until((data / 'read').exists, 'the workload goes on')
expect((data / 'uid').read_text() == '1000\n', (data / 'uid').read_text())
expect('Read-only file system' in (data / 'denied').read_text(), (data / 'denied').read_text())
told = record('myapp')
expect(told['policy']['file'] == 'docker run', told)
for name, value in ('limits.memory', '536870912'), ('limits.cpus', '50000 100000'):
    expect(name in GAPS or value in told['controls'][name], told)
verified = casemate('verify', 'myapp')
expect(verified.code == 0 and re.search(r'^capabilities +holds +all five sets 0', verified.out, re.M), verified)
supervisor = told['supervisor_pid']
session = int(Path(f'/proc/{supervisor}/stat').read_text().rsplit(')', 1)[1].split()[3])
expect(session == supervisor, 'a session of its own')
if host.root:    # else the supervisor is closed to us
    expect(os.readlink(f'/proc/{supervisor}/fd/0') == '/dev/null' and os.readlink(f'/proc/{supervisor}/cwd') == '/', 'nothing of the caller')
again = docker('-d', '--name', 'myapp', 'myapp:1.2.3')
expect(again.code == 125 and again.out == '' and 'running' in again.err, again)
stop('myapp')

# What the caller has open does not live on in the supervisor: a pipe to a reader ends.
read, write = os.pipe()
process = host.start([host.casemate, 'docker', *WITHOUT, 'run', '-d', '--name', 'held', '-v', f'{data}:/data', 'myapp:1.2.3'],
                     env={'CASEMATE_STORE': str(store)}, fds=(write,))
os.close(write)
out, err = process.communicate(timeout=20)
expect(process.returncode == 0 and out == b'held\n', err)
expect(os.read(read, 1) == b'', 'the pipe is closed')
os.close(read)
stop('held')

# Failing is as loud in the background: nothing on stdout, the code that docker has, and no container.
result = docker('-d', '--name', 'gone', '--entrypoint', '/nonexistent', 'myapp:1.2.3')
expect(result.code == 127 and result.out == '' and 'nonexistent' in result.err, result)
result = docker('-d', '--name', 'gone', 'other:1')
expect(result.code == 125 and "image 'other:1'" in result.err and 'mkrootfs' in result.err, result)
result = docker('-d', '--name', 'gone', '-v', '/nonexistent:/data', 'myapp:1.2.3')
expect(result.code == 125 and 'from -v /nonexistent:/data' in result.err, result)
expect(not (host.state / 'gone').exists(), 'no container is left')

# In the foreground: its output and exit code, and standard input with -i only.
result = docker('-q', '-i', '--entrypoint', 'cat', 'myapp:1.2.3', stdin='hello\n')
expect(result.code == 0 and result.out == 'hello\n' and result.err == '', result)
result = docker('--entrypoint', 'sh', 'myapp:1.2.3', '-c', 'cat; exit 7', stdin='hello\n')
expect(result.code == 7 and result.out == '', result)

# A named volume is made for the workload's ids, and kept.
for _ in range(2):
    result = docker('-v', 'vol:/data', 'myapp:1.2.3', 'echo x >>/data/x')
    expect(result.code == 0, result)
volume = store / 'volumes' / 'vol'
expect((volume / 'x').read_text() == 'x\nx\n' and volume.stat().st_mode & 0o777 == 0o700, volume.stat())
expect(not host.root or volume.stat().st_uid == 10001, volume.stat())

# What is inside of a volume is the workload's: a link there leads nobody to make a directory on the host.
outside = WORK / 'outside'
outside.mkdir()
(volume / 'way').symlink_to(outside)
for inside in f'{volume}/way/new', f'{volume}/way/new/er':
    result = docker('-v', f'{inside}:/data', 'myapp:1.2.3', 'true')
    expect(result.code == 125 and inside in result.err and not list(outside.iterdir()), result)

# The id file: never over another's, and gone when nothing was started.
cid = WORK / 'cid'
result = docker('--cidfile', cid, '-d', '--entrypoint', '/nonexistent', 'myapp:1.2.3')
expect(result.code == 127 and not cid.exists(), result)
result = docker('--cidfile', cid, '-d', '-v', f'{data}:/data', 'myapp:1.2.3')
name = cid.read_text()
expect(result.code == 0 and result.out == name + '\n' and name.startswith('myapp-'), result)
result = docker('--cidfile', cid, '-d', 'myapp:1.2.3')
expect(result.code == 125 and cid.read_text() == name, result)
stop(name)

# In the background, output goes to the journal, where there is one.
if host.root and Path('/run/systemd/journal/stdout').exists():
    result = docker('-d', '--name', 'talks', 'myapp:1.2.3', 'echo hello; echo trouble >&2; sleep 1000')
    expect(result.code == 0 and result.out == 'talks\n', result)
    until(lambda: sh('journalctl -q --no-pager -o cat -t talks').split() == ['hello', 'trouble'], 'the journal has it')
    stop('talks')

# What the image says of itself counts, but for its user where that is root or a name; a volume of its is empty each time.
described = image.with_name(image.name + '.json')
before = described.read_text()
script = 'id -u; pwd; echo $GREETING; touch /data/x && ls /data'
described.write_text(json.dumps({'config': {'Entrypoint': ['/bin/sh', '-c'], 'Cmd': [script], 'User': 'www', 'WorkingDir': '/tmp',
                                            'Env': ['PATH=/bin', 'GREETING=hi'], 'Volumes': {'/data': {}}}}))
result = docker('myapp:1.2.3')
expect(result.code == 0 and result.out == '10001\n/tmp\nhi\nx\n' and 'User of' in result.err, result)
described.write_text(json.dumps({'config': {'Cmd': ['/bin/id', '-u'], 'User': '77:77', 'Env': 7, 'Volumes': [], 'WorkingDir': None}}))
result = docker('myapp:1.2.3')
expect(result.code == 0 and result.out == '77\n', result)
for broken in '{', '[]', '{"config": 1}':
    described.write_text(broken)
    result = docker('myapp:1.2.3')
    expect(result.code == 125 and str(described)[:40] in result.err, result)
described.write_text(before)

# What check() finds is told with the option that it came from.
result = docker('-v', '/etc:/data', 'myapp:1.2.3')
expect(result.code == 125 and re.search(r'from -v /etc:/data\n.*check: /mounts/0: ', result.err), result)

# What is refused starts nothing.
(data / 'uid').unlink()
result = docker('--privileged', '-p', '80:80', '-v', f'{data}:/data', 'myapp:1.2.3')
expect(result.code == 125 and result.err.count('refused: ') == 2 and not (data / 'uid').exists(), result)

# alias docker=casemate: an option of docker's, or an image and no policy.
env = {'CASEMATE_STORE': str(store)}
for line in ['--privileged', 'myapp:1.2.3'], ['-d', '--name', 'x', '--privileged', 'myapp:1.2.3'], ['-h', 'web', '--privileged', 'myapp:1.2.3']:
    result = casemate('run', *line, env=env)
    expect(result.code == 125 and 'refused: --privileged' in result.err, result)
result = casemate('run', '--name', 'x', 'myapp:1.2.3', 'exit 3', env=env)
expect('tightened: ' in result.err and (GAPS or result.code == 3), result)
for name in 'other:1', 'missing.json':
    result = casemate('run', name, env=env)
    expect(result.code == 125 and f"cannot read '{name}'" in result.err, result)
# A policy that is called like an image is neither.
both = store / 'rootfs' / 'both'
both.mkdir()
done = sh(f'cd {WORK}; echo "{{}}" >both; CASEMATE_STORE={store} $CASEMATE run both 2>&1 || echo exit $?')
expect('is a policy here and an image as well' in done and 'exit 125' in done, done)
# A policy goes into the background as well.
result = casemate('run', '-d', *WITHOUT, '--name', 'behind', policy({'args': ['/bin/sleep', '1000']}))
expect(result.code == 0 and result.out == 'behind\n', result)
stop('behind')
