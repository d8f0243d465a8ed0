# A working directory outside the container is none (CVE-2024-21626).
sh('mkdir outside; echo secret > outside/secret')
fds = [os.open(WORK / 'outside', os.O_RDONLY | os.O_DIRECTORY), os.open('/', os.O_RDONLY | os.O_DIRECTORY)]
try:
    for number in [*range(3, 30), *fds]:
        for path in f'/proc/self/fd/{number}', f'/proc/self/fd/{number}/../..':
            result = run('cat secret ../secret etc/shadow; pwd', policy={'cwd': path}, fds=fds)
            expect(result.code == 125 and not result.begun and '/cwd' in result.err, result)
finally:
    for fd in fds:
        os.close(fd)
