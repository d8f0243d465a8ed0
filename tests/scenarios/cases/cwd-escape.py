# A working directory outside the container is none (CVE-2024-21626).
sh('mkdir outside; echo secret > outside/secret')
fds = [os.open(WORK / 'outside', os.O_RDONLY | os.O_DIRECTORY), os.open('/', os.O_RDONLY | os.O_DIRECTORY)]
try:
    for number in [*range(3, 20), *fds]:
        for path in f'/proc/self/fd/{number}', *([f'/proc/self/fd/{number}/../..'] if number < 9 or number in fds else []):
            result = run('pwd; cat secret ../secret etc/shadow ../etc/shadow', policy={'cwd': path}, fds=fds)
            # A descriptor of the launcher's own may be a directory of the container; anything else is refused.
            expect('secret\n' not in result.out.replace('/secret', '') and 'root:' not in result.out, result)
            expect(result.begun or (result.code == 125 and 'cwd' in result.err), result)
            expect(not result.begun or re.search('^/', result.out.split('begins\n')[1]), result)
finally:
    for fd in fds:
        os.close(fd)
