# uid 0 of the host can write core_pattern whatever its capabilities, and so run programs on the host: it must not exist inside.
# needs: root
act = 'probe open /proc/sys/kernel/core_pattern'
expect('open: ok' in sh('setpriv --bounding-set=-all "$PROBE" open /proc/sys/kernel/core_pattern'), 'uid 0 without a capability can')
for uid in 65534, 1:
    result = run(act, policy={'user': {'uid': uid, 'gid': uid}}, without=['masks', 'landlock'])
    expect(result.code == 1 and 'open: EACCES' in result.out, result)
