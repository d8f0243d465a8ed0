# A host that swaps does not let the workload: beyond its memory it is killed, and its swap stays 0.
# needs: root limits.memory
file = sh('mktemp /var/tmp/scenario-swap-XXXXXX').strip()
def swapped(running):
    running.wait_for('memory: ok')
    return int(Path('/sys/fs/cgroup' + running.event('launched')['cgroup'], 'memory.swap.current').read_text())
try:
    sh(f'fallocate -l 160M {file}; mkswap {file}; swapon {file}')
    try:
        limits = {'memory': '48M'}
        result = run('probe memory 96', policy={'limits': limits})
        expect(result.code == 137 and result.event('exited')['oom'] == 'container', result)
        running = start('probe memory 40 keep', policy={'limits': limits})
        expect(swapped(running) == 0, 'below its limit', swapped(running))
        running.stop()
        running = start('probe memory 96 keep', policy={'limits': {**limits, 'swap': '128M'}})
        expect(swapped(running) > 32 << 20, 'with swap in the policy', swapped(running))
        running.stop()
    finally:
        sh(f'swapoff {file}')
finally:
    os.unlink(file)
