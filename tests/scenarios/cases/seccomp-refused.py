# A profile that does not mean what it seems to mean is refused.
allow = {'action': 'SCMP_ACT_ALLOW'}
bad = {
    'a call that nobody knows': {'names': ['read', 'no_such_call']},
    'two conditions on one argument, which other launchers take for "or"': {'names': ['socket'], 'args': [
        {'index': 0, 'value': 38, 'op': 'SCMP_CMP_NE'}, {'index': 0, 'value': 40, 'op': 'SCMP_CMP_NE'}]},
    'a filter that lets nothing be executed': {'names': ['read']},
}
for what, rule in bad.items():
    result = run(policy={'seccomp': {'profile': {'defaultAction': 'SCMP_ACT_ERRNO', 'syscalls': [{**allow, **rule}]}}})
    expect(result.code == 125 and '/seccomp' in result.err, what, result)
