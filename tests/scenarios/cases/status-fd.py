# The record says what happened, and what the kernel said of every control.
result = run('exit 3', policy={'capabilities': ['NET_BIND_SERVICE', 'SYS_NICE']})
launched, exited = result.event('launched'), result.event('exited')
expect([e['event'] for e in result.events] == ['launched', 'exited'], result.events)
expect(launched['pid'] > 1, launched)
expect(re.fullmatch('[0-9a-f]{64}', launched['policy']['sha256']), launched)
expect(sorted(launched['waived']) == sorted(GAPS), launched)
expect('capabilities' in json.dumps(launched['weakenings']), launched)
controls = launched['controls']
controls = controls if isinstance(controls, dict) else {c['name']: c['value'] for c in controls}
for name, pattern in {'user': '10001', 'capabilities': '0x800400', 'no_new_privs': '1', 'seccomp': 'filter', 'landlock': 'ABI'}.items():
    expect(re.search(pattern, json.dumps(controls[name])), name, controls)
expect(exited['code'] == 3 and not exited['signal'], exited)
for key in 'oom', 'duration', 'cpu', 'memory':
    expect(any(key in k for k in exited), key, exited)
failed = run(policy={'capabilities': ['BOGUS']})
expect(not any(e['event'] == 'launched' for e in failed.events), failed.events)
