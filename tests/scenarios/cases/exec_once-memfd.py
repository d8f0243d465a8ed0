# After the launch nothing can be executed: not what is in no file system either.
# waive: apparmor
anything = {'defaultAction': 'SCMP_ACT_ALLOW'}     # the default profile has no memory files that can be executed
for once, code in (True, 1), (False, 0):
    result = run(args=['/bin/probe', 'memfd-exec'], policy={'exec_once': once, 'seccomp': {'profile': anything}})
    expect(result.code == code, result)
    expect(re.search('execveat: EPERM' if once else 'executed', result.out), result)
