# A sysctl that is not the container's own is refused.
for name in 'kernel.core_pattern', 'vm.overcommit_memory', 'kernel.sysrq', 'fs.suid_dumpable', 'net.core.bpf_jit_enable', '../x', 'net/../../x':
    result = run(policy={'sysctl': {name: '1'}})
    expect(result.code == 125 and '/sysctl' in result.err, result)
