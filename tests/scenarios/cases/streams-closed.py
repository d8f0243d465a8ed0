# Started without descriptors 0, 1 and 2 it does not take others for them.
def close():
    for fd in 0, 1, 2:
        os.close(fd)
running = start('ls -l /proc/self/fd', before=close)
result = running.wait()
expect(result.code in (0, 125), result)
expect(not result.out and not result.err, result)
