# After the launch nothing can be executed: not what is in no file system either.
for once, code in (True, 1), (False, 0):
    result = run(args=['/bin/probe', 'memfd-exec'], policy={'exec_once': once})
    expect(result.code == code, result)
    expect(re.search('execveat: E(PERM|NOSYS)' if once else 'executed', result.out), result)
