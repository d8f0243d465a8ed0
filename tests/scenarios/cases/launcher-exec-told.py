# An execve that fails is told, whatever the workload's filter leaves to tell it by: no call that sends, none that writes, not even exit.
(WORK / 'bin').mkdir()
for name, text in ('script', '#!/no/such/interpreter\n'), ('alien', 'no program\n'):
    (WORK / 'bin' / name).write_text(text)
    (WORK / 'bin' / name).chmod(0o755)
mounts = [{'type': 'bind', 'source': '/WORK/bin', 'target': '/data', 'exec': True}]
deny = {'action': 'SCMP_ACT_ERRNO', 'names': ['sendto', 'sendmsg', 'write', 'writev', 'exit', 'exit_group']}
most = {'defaultAction': 'SCMP_ACT_ALLOW', 'syscalls': [deny]}
# A sanitizer asks for the signal stack before whatever does not return.
least = {'defaultAction': 'SCMP_ACT_ERRNO', 'syscalls': [{'action': 'SCMP_ACT_ALLOW', 'names': ['execve', 'sigaltstack']}]}
for profile in most, least:
    for init in False, True:
        for program, code in ('/data/script', 127), ('/data/alien', 126), ('/data/none', 127):
            result = run(args=[program], policy={'seccomp': {'profile': profile}, 'mounts': mounts, 'init': init})
            expect(result.code == code and program in result.err and not result.begun, program, init, result)
