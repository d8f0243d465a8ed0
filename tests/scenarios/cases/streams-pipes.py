# Input and output go through, whole and unchanged.
data = os.urandom(1 << 20)
for to, stream in ('', 'out'), ('>&2', 'err'):
    running = start(f'cat {to}', stdin=data)
    running.wait()
    expect(running.streams[stream].removeprefix(b'the act begins\n') == data, stream)
