# Input and output go through, whole and unchanged.
data = os.urandom(1 << 20)
running = start('sha256sum || md5sum; echo error >&2' if False else 'cat | tee /dev/stderr', stdin=data)
running.wait()
expect(running.streams['out'].split(b'\n', 1)[1] == data, 'stdout')
expect(running.streams['err'] == data, 'stderr')
