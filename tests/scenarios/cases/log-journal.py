# The journal: fields that can be asked for, exact bytes, and casemate logs by way of them; syslog beside it.
# needs: /run/systemd/journal/socket
name = f'journal-{os.getpid()}'
sync = 'journalctl --sync 2>/dev/null || sleep 1; '
act = 'echo out; echo err >&2; printf "a\\001\\377b\\n"; head -c 20000 /dev/zero | tr "\\000" y; echo; printf tail'
def entries(field):
    return [json.loads(line) for line in sh(f'{sync} journalctl -q --all -o json {field}').splitlines()]
result = run(act, policy={'log': 'journald'}, options=['--name', name])
launched, exited = result.events
expect(result.code == 0 and 'out' not in result.out and exited['log']['complete'], result)
found = entries(f'CASEMATE_ID={launched["id"]} CASEMATE_NAME={name} + CASEMATE_STREAM=stdout CASEMATE_NAME={name} + CASEMATE_STREAM=stderr CASEMATE_NAME={name}')
lines = [e for e in found if 'CASEMATE_STREAM' in e]
def message(entry):
    text = entry['MESSAGE']
    return bytes(text) if isinstance(text, list) else text.encode()
out = [message(e) for e in lines if e['CASEMATE_STREAM'] == 'stdout']
expect(out == [b'the act begins', b'out', b'a\1\xffb', b'y' * 16384, b'y' * (20000 - 16384), b'tail'], [o[:40] for o in out])
expect([(message(e), e['PRIORITY']) for e in lines if e['CASEMATE_STREAM'] == 'stderr'] == [(b'err', '3')], lines)
for entry in lines:
    expect(entry['CASEMATE_ID'] == launched['id'] and entry['CASEMATE_POLICY_SHA256'] == launched['policy']['sha256'] and
           entry['SYSLOG_IDENTIFIER'] == name and entry['CASEMATE_TIME'].endswith('Z'), entry)
expect([e.get('CONTAINER_PARTIAL_MESSAGE') for e in lines if message(e)[:1] == b'y'] == ['true', None], lines)
# Read back, when it has ended.
shown = casemate('logs', name)
expect(shown.code == 0 and 'out\na\x01' in shown.out and shown.out.endswith('y' * 20000 + '\ntail') and shown.err == 'err\n', shown.out[:200], shown.err)
# What somebody else writes with the container's name is not the container's.
sh(f'printf "MESSAGE=forged\\nCASEMATE_NAME={name}\\nCASEMATE_STREAM=stdout\\nCASEMATE_TIME=2026-01-01T00:00:00Z\\n" | logger --journald')
if os.getuid() == 0:
    expect('forged' not in casemate('logs', name).out and len(entries(f'CASEMATE_NAME={name} MESSAGE=forged')) == 1, 'forged')
# In the background, without a word about logs in the policy.
detached = casemate('run', '-d', *(['--without', ','.join(GAPS)] if GAPS else []), '--name', f'{name}-d', '--set', f'rootfs={ROOTFS}', '--set', 'version=1',
                    '--set', 'user.uid=10001', '--set', 'user.gid=10001', '--set', 'args=["/bin/sh", "-c", "echo in the background"]', '-', stdin='{}')
expect(detached.code == 0, detached)
deadline = time.monotonic() + 20
while time.monotonic() < deadline and 'in the background' not in casemate('logs', f'{name}-d').out:
    time.sleep(0.3)
expect(casemate('logs', f'{name}-d').out == 'in the background\n', casemate('logs', f'{name}-d'))
while casemate('rm', f'{name}-d').code and time.monotonic() < deadline:
    time.sleep(0.2)
if os.path.exists('/dev/log'):
    result = run('echo to syslog', policy={'log': 'syslog'}, options=['--name', f'{name}-s'])
    expect(result.code == 0 and result.event('exited')['log']['lines'] == 2, result)
    expect(f'stream=\\"stdout\\"] to syslog' in sh(f'{sync} journalctl -q -o json --since -5min _TRANSPORT=syslog | grep -a "{name}-s"'), 'not in syslog')
