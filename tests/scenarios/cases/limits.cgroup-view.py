# The workload sees its own limits where runtimes look for them.
# needs: limits.memory limits.pids limits.cpus
result = run('cd /sys/fs/cgroup; cat memory.max memory.swap.max pids.max cpu.max', policy={'limits': {'memory': '64M', 'pids': 32, 'cpus': 0.5}})
expect(result.out.split('begins\n')[1].split() == ['67108864', '0', '32', '50000', '100000'], result)
