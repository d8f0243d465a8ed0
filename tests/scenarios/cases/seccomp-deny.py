# A denied call gets what the policy says: an error, the end, or a line in the log.
for deny, check in (('errno', lambda r: r.code == 1 and 'EPERM' in r.out), ('kill', lambda r: r.code == 159),
                    ('log', lambda r: r.code == 0 and 'keyctl: ok' in r.out)):
    result = run('exec probe call keyctl', policy={'seccomp': {'deny': deny}})
    expect(check(result), deny, result)
