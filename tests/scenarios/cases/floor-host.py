# The host's floor binds every launch, and one that cannot be trusted lets nothing start.
# needs: root
import hashlib, shlex, shutil
etc = WORK / 'etc'
floor = etc / 'casemate/floor.json'
floor.parent.mkdir(parents=True)
if os.path.exists('/etc/ld.so.cache'):
    shutil.copy('/etc/ld.so.cache', etc)
# An /etc of its own, in a mount namespace of its own: the host's stays as it is.
inside = ['unshare', '-m', 'sh', '-c', f'mount --bind {etc} /etc && exec "$@"', 'inside']
as_user = [*inside, 'setpriv', '--reuid', '1000', '--regid', '1000', '--clear-groups']
GAP_LIST = json.dumps(GAPS)
def restrict(text='', mode=0o644):
    floor.write_text('{"version": 1, "description": "ask the tester", "without": %s%s}' % (GAP_LIST, text))
    floor.chmod(mode)
def starts(what, **more):
    result = run('true', wrapper=inside, **more)
    expect(result.code == 0 and result.begun, what, result)
    return result
def refused(*said, wrapper=inside, **more):
    result = run('true', wrapper=wrapper, **more)
    expect(result.code == 125 and not result.begun, 'started', said, result)
    for word in said:
        expect(word in result.err, word, result)
# None there, then one that allows it: the record tells which.
expect(starts('no floor').event('launched')['floor'] is None, 'a floor out of nowhere')
restrict(', "capabilities": ["KILL"], "limits": {"memory": "512M"}')
record = starts('above the floor').event('launched')['floor']
digest = hashlib.sha256(floor.read_bytes()).hexdigest()
expect(record == {'file': '/etc/casemate/floor.json', 'sha256': digest}, record, digest)
# A policy below it: the key, both values, whom to ask. --set is no way round, nor is a waiver.
refused('/capabilities', 'CHOWN', 'KILL', 'ask the tester', policy={'capabilities': ['CHOWN']})
refused('limits.memory is 1G', 'at most 512M', options=['--set', 'limits.memory=1G'])
if 'landlock' not in GAPS:
    refused('--without landlock', without=['landlock'])
# The same for an ordinary user, and for what only plans.
def planned(wrapper, policy_):
    argv = [*wrapper, host.casemate, 'plan', *(['--without', ','.join(GAPS)] if GAPS else []), '-']
    return sh(f'{shlex.join(map(str, argv))} <{policy_} >/dev/null 2>plan.err || echo refused; cat plan.err; rm plan.err')
readable = policy({'capabilities': ['CHOWN'], 'args': ['/bin/true']})
for who in inside, as_user:
    expect('refused' in planned(who, readable) and 'below the floor' in planned(who, readable), who, planned(who, readable))
# Who was let through when there was none is still read back: the floor of today is no control of his.
floor.unlink()
running = start('sleep 60', wrapper=inside, options=['--name', 'floored'], policy={'capabilities': ['CHOWN']})
running.wait_for('the act begins')
restrict(', "capabilities": []')
said = sh(f'{shlex.join(map(str, [*inside, host.casemate]))} verify floored 2>&1 || echo "exit $?"')
expect('floor' not in said.replace('floored', '') and 'exit 2' not in said and 'CHOWN' not in said, said)
expect('capabilities' in said, said)
running.stop()
# Not trusted: owner, modes, directories, links, no file, no floor.
def broken(*said):
    refused(*said)
    restrict()
    for path in etc, floor.parent, floor:
        os.chown(path, 0, 0)
        path.chmod(0o755 if path.is_dir() else 0o644)
restrict()
os.chown(floor, 1000, 0)
broken('does not belong to root')
floor.chmod(0o664)
broken('can be written by others')
floor.chmod(0o646)
broken('can be written by others')
floor.parent.chmod(0o777)
broken('/etc/casemate can be written by others')
os.chown(floor.parent, 1000, 1000)
broken('/etc/casemate does not belong to root')
etc.chmod(0o1777)
broken('/etc can be written by others')
starts('all is well again')
floor.rename(etc / 'elsewhere')
floor.symlink_to('../elsewhere')
refused('symbolic link')
floor.unlink()
floor.symlink_to('nowhere')
refused('symbolic link')
floor.unlink()
floor.parent.rename(etc / 'real')
floor.parent.symlink_to('real')
refused('symbolic link')
floor.parent.unlink()
(etc / 'real').rename(floor.parent)
os.mkfifo(floor)
refused('is no regular file')
floor.unlink()
floor.mkdir()
refused('floor')
floor.rmdir()
for text, said in [('', 'not JSON'), ('[]', 'want an object'), ('{"version": 1, "capabilites": []}', 'did you mean "capabilities"'),
                   ('{"version": 2}', '/version'), ('{"version": 1, "without": ["landlok"]}', 'no control'), (' ' * 300000, 'longer')]:
    floor.write_text(text)
    refused('/etc/casemate/floor.json', said)
restrict()
floor.chmod(0o600)
expect('refused' in planned(as_user, readable), 'a floor that the user cannot read')
