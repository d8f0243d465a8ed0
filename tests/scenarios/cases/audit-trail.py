# A floor with an audit file: every launch, refusal and exit of root's is a line in it; what cannot be written does not run.
# needs: root
import shutil
etc = WORK / 'etc'
floor = etc / 'casemate/floor.json'
floor.parent.mkdir(parents=True)
if os.path.exists('/etc/ld.so.cache'):
    shutil.copy('/etc/ld.so.cache', etc)
inside = ['unshare', '-m', 'sh', '-c', f'mount --bind {etc} /etc && exec "$@"', 'inside']
trail = WORK / 'log/audit.jsonl'
def ask(audit):
    floor.write_text(json.dumps({'version': 1, 'without': GAPS, 'audit': audit}))
def events():
    lines = [json.loads(line) for line in trail.read_text().splitlines()] if trail.exists() else []
    if trail.exists():
        trail.unlink()      # as somebody who rotates it: the next event makes a new one
    return lines
# The directory must be there: a trail that goes nowhere is none.
ask({'file': str(trail)})
result = run('true', wrapper=inside)
expect(result.code == 125 and not result.begun and 'audit' in result.err and 'make the directory' in result.err, result)
trail.parent.mkdir(mode=0o700)
result = run('exit 7', wrapper=inside, options=['--name', 'audited'])
expect(result.code == 7, result)
expect((trail.stat().st_mode & 0o777, trail.stat().st_uid) == (0o600, 0), trail.stat())
launched, exited = events()
expect((launched['event'], exited['event']) == ('launched', 'exited'), launched, exited)
for event in launched, exited:
    expect(event['name'] == 'audited' and event['caller']['uid'] == 0 and event['caller']['pid'] > 1, event)
    expect(event['caller']['loginuid'] == (lambda n: None if n == 2**32 - 1 else n)(int(open('/proc/self/loginuid').read())), event)
expect(launched['rootfs'] and launched['args'] and len(launched['policy']['sha256']) == 64 and launched['waived'] == GAPS, launched)
expect(exited['code'] == 7 and exited['signal'] is None, exited)
# The supervisor, which has given up everything, finds the file again after it was rotated.
running = start('echo here; sleep 60', wrapper=inside, options=['--name', 'rotated'])
running.event('launched')
expect([e['event'] for e in events()] == ['launched'], 'launched')
running.signal(signal.SIGTERM)
running.wait()
passed, exited = events()
expect((passed['event'], exited['event']) == ('signal', 'exited'), 'the exit went to the file that was rotated away')
expect(passed['signal'] == 'SIGTERM' and passed['from'] == {'pid': os.getpid(), 'uid': 0} and passed['id'] == exited['id'], passed)
# A refusal: why, of which policy, and none of the arguments, which may be the reason.
result = run('true', wrapper=inside, policy={'capabilities': ['CHOWN'], 'rootfs': '/nowhere'})
refused, = events()
expect(refused['event'] == 'refused' and refused['errno'] == 'ENOENT' and '/nowhere' in refused['message'], refused)
expect('args' not in refused and len(refused['policy']['sha256']) == 64, refused)
# A file that cannot be written: the workload is gone before anybody hears of it.
trail.symlink_to(WORK / 'elsewhere')
result = run('sleep 60', wrapper=inside)
expect(result.code == 125 and 'cannot write the audit event' in result.err, result)
expect(not (WORK / 'elsewhere').exists(), 'a link was followed')
trail.unlink()
# An ordinary user cannot append to root's file: the journal must then be there. And so for audit.journal.
journal = os.path.exists('/run/systemd/journal/socket')
if not journal:
    ask({'journal': True})
    result = run('true', wrapper=inside)
    expect(result.code == 125 and not result.begun and 'cannot reach the journal' in result.err, result)
    # Without a floor it is no condition.
    floor.unlink()
    expect(run('true', wrapper=inside).code == 0, 'an audit trail that nobody asked for')
else:
    ask({'journal': True})
    expect(run('true', wrapper=inside, options=['--name', f'audited-{os.getpid()}']).code == 0, 'with a journal')
    query = f'journalctl --sync; journalctl -o json -q CASEMATE_NAME=audited-{os.getpid()}'
    found = [json.loads(line) for line in sh(query).splitlines()]
    expect([e['CASEMATE_EVENT'] for e in found] == ['launched', 'exited'], found)
    for entry in found:
        told = json.loads(entry['CASEMATE_AUDIT'])
        expect(told['event'] == entry['CASEMATE_EVENT'] and entry['SYSLOG_IDENTIFIER'] == 'casemate', entry)
