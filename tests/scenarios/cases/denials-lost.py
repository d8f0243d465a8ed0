# A container whose supervisor was killed has ended, nobody knows when: what its uid was refused since then is not certainly its own.
# needs: root
def known(name):
    result = casemate('denials', '--json', name)
    expect(result.code in (0, 1), result)
    return [(d['what'], d['count'], d['uncertain']) for d in json.loads(result.out)['denials']]
alone = {'user': {'uid': 10088, 'gid': 10088}}
lost = start('sleep 60', policy=alone, options=['--name', 'lost'])
lost.event('launched')
other = start('sleep 2; probe call bpf || :; echo refused', policy=alone, options=['--name', 'other'])
other.event('launched')
lost.signal(signal.SIGKILL)
lost.wait()
other.wait()
deadline = time.monotonic() + 15
while time.monotonic() < deadline and not known('lost'):
    time.sleep(0.2)
expect(known('lost') == [('bpf', 1, 1)], known('lost'))
# The next launch removes it.
expect(run('true').code == 0, 'the next one')
