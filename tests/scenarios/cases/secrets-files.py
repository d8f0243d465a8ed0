# Secrets are files of the workload's own, in memory, read-only, and nowhere else; a source that others may read is refused.
import subprocess
password = f'hunter2-{os.getpid()}-correct-horse'
source = WORK / 'password'
def secret(mode=0o400, text=password, name='password'):
    path = WORK / name
    if path.exists():
        path.unlink()
    path.write_text(text)
    path.chmod(mode)
    return path
secret()
show = '''ls -ln /run/secrets | awk 'NR > 1 { print $1, $3, $4, $9 }'; cat /run/secrets/db; echo; echo "$CREDENTIALS_DIRECTORY"
grep " /run/secrets " /proc/self/mountinfo | cut -d ' ' -f 6,8'''
of_file = {'secrets': [{'name': 'db', 'file': str(source)}]}
result = run(show, policy=of_file)
expect(result.code == 0 and f'-r-------- 10001 10001 db\n{password}\n/run/secrets\n' in result.out, result)
expect(re.search(r'^ro,nosuid,nodev,noexec[^ ]* ramfs$', result.out, re.M), result)
# Nobody can change them, or put anything beside them, or remove the place.
for act in ('echo x >/run/secrets/db', 'chmod 600 /run/secrets/db', 'rm -f /run/secrets/db', 'echo x >/run/secrets/new', 'mkdir /run/x',
            'mv /run/secrets /run/other'):
    result = run(act, policy=of_file)
    expect(result.begun and result.code != 0 and 'Read-only file system' in result.err, act, result)
# Where the policy has a /run of its own, it is that one.
result = run('cat /run/secrets/db; echo pid >/run/nginx.pid', policy={**of_file, 'mounts': [{'type': 'tmpfs', 'target': '/run', 'mode': '0755'}]})
expect(result.code == 0 and password in result.out, result)
# A descriptor, a command, a credential.
read, write = os.pipe()
os.write(write, password.encode())
os.close(write)
result = run('cat /run/secrets/db', policy={'secrets': [{'name': 'db', 'from': 'fd', 'fd': read}]}, fds=(read,))
expect(result.code == 0 and password in result.out, result)
os.close(read)
script = secret(0o700, f'#!/bin/sh\necho $0 >&2\nprintf %s "$*"\n', 'command')
result = run('cat /run/secrets/db; stat -c %a /run/secrets/db',
             policy={'secrets': [{'name': 'db', 'from': 'command', 'command': [str(script), 'one', 'two'], 'mode': '0440'}]})
expect(result.code == 0 and 'one two440\n' in result.out, result)
result = run('cat /run/secrets/password', policy={'secrets': [{'name': 'password', 'from': 'credential'}]}, env={'CREDENTIALS_DIRECTORY': str(WORK)})
expect(result.code == 0 and password in result.out, result)
# What is refused, before anything runs; each names the entry.
def refused(entry, words, env=None):
    result = run('true', policy={'secrets': [{'name': 'fine', 'file': str(source)}, {'name': 'db', **entry}]}, env=env)
    expect(result.code == 125 and not result.begun and words in result.err and '/secrets/1' in result.err, entry, words, result)
refused({'file': str(secret(0o444, name='open'))}, 'is open to everybody')
refused({'file': str(secret(0o400, '', name='none'))}, 'the secret is empty')
refused({'file': str(secret(0o400, 'x' * (1 << 20) + 'y', name='large'))}, 'larger than a megabyte')
(WORK / 'link').symlink_to('password')
refused({'file': str(WORK / 'link')}, 'no symbolic link')
refused({'file': str(WORK)}, 'no regular file')
os.mkfifo(WORK / 'fifo', 0o600)
refused({'file': str(WORK / 'fifo')}, 'no regular file')
refused({'file': '/nonexistent'}, 'cannot open')
refused({'from': 'fd', 'fd': 77}, 'not open')
refused({'from': 'credential'}, 'CREDENTIALS_DIRECTORY', env={'CREDENTIALS_DIRECTORY': ''})
refused({'from': 'command', 'command': ['/bin/false']}, 'ended with 1')
refused({'from': 'command', 'command': ['/nonexistent']}, 'ended with 127')
refused({'from': 'command', 'command': ['cat']}, 'absolute path')
refused({'file': str(source), 'mode': '0644'}, '/secrets/1/mode')
refused({'name': '.hidden', 'file': str(source)}, '/secrets/1/name')
refused({'name': 'fine', 'file': str(source)}, '/secrets/1')
# Nowhere else: neither /proc of any process of ours, nor record, inspect, plan, the state directory, or what was printed.
name = f'secret-{os.getpid()}'
running = start('sleep 60', policy=of_file, options=['--name', name])
launched = running.event('launched')
seen = json.dumps(launched) + casemate('inspect', name).out + casemate('ps', '--json').out + running.text('err')
for pid in launched['pid'], launched['init_pid'], launched['supervisor_pid']:
    for file in 'environ', 'cmdline':
        try:
            seen += Path(f'/proc/{pid}/{file}').read_bytes().decode(errors='replace')
        except OSError:
            expect(not host.root, pid, file)
for file in (host.state / name).iterdir():
    if file.is_file():
        seen += file.read_text()
expect(password not in seen and 'sleep' in seen, 'a secret where it does not belong')
# Not in the memory of any of our processes either.
if host.root:
    sanitized = b'__asan_init' in host.casemate.read_bytes()
    for pid in launched['init_pid'], launched['supervisor_pid']:
        with open(f'/proc/{pid}/mem', 'rb', 0) as memory:
            for line in Path(f'/proc/{pid}/maps').read_text().splitlines():
                start_, end = (int(x, 16) for x in line.split()[0].split('-'))
                # The shadow of a sanitizer is terabytes of marks; nothing else of ours is as large.
                if sanitized and end - start_ > 1 << 30:
                    continue
                if 'r' in line.split()[1] and 'vvar' not in line and 'vsyscall' not in line:
                    memory.seek(start_)
                    try:
                        expect(password.encode() not in memory.read(end - start_), 'in memory', pid, line)
                    except OSError:
                        pass
running.signal(signal.SIGTERM)
running.wait()
# What is planned is printed; a secret is not.
planned = casemate('plan', *(['--without', ','.join(GAPS)] if GAPS else []), policy({**of_file, 'args': ['/bin/true']}))
expect(planned.code == 0 and 'sendfile' in planned.out and password not in planned.out, planned)
