# What the kernel logged of a container: the calls by name, how often, and which key would allow them; not those of another container.
# needs: root
kmsg = os.path.exists('/run/systemd/journal') or os.access('/dev/kmsg', os.R_OK)
expect(kmsg, 'neither a journal nor /dev/kmsg')
def known(name):
    result = casemate('denials', '--json', name)
    return {d['what']: d for d in json.loads(result.out)['denials'] if d['by'] == 'seccomp'} if result.code in (0, 1) else {}
def wait_for(name, *calls):
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline and not set(calls) <= set(known(name)):
        time.sleep(0.2)
    return known(name)
# The processes that were refused are gone when it is asked; nobody else has their uid.
alone = {'user': {'uid': 10077, 'gid': 10077}}
running = start('probe call keyctl || :; probe call keyctl || :; probe call bpf || :; echo refused; sleep 60', policy=alone, options=['--name', 'asks'])
running.wait_for('refused')
told = wait_for('asks', 'keyctl', 'bpf')
expect(set(told) == {'keyctl', 'bpf'} and told['bpf']['count'] == 1 and told['keyctl']['count'] == 2, told)
expect(told['bpf']['uncertain'] == 0 and told['bpf']['key'] == 'seccomp.profile' and told['bpf']['cost'] and told['bpf']['exe'] == '/bin/probe', told)
text = casemate('denials', 'asks')
expect(text.code == 1 and '2 x seccomp: keyctl, by /bin/probe' in text.out and 'costs: ' in text.out, text)
# Another one of the same uid: what a process of it that is still there did is certainly not ours; what nobody can tell any more is said so.
time.sleep(2.5)       # a record of the launch is a little later than the launch, so that a second before it counts
other = start('probe call bpf || :; echo refused; exec sleep 60', policy=alone, options=['--name', 'other'])
other.wait_for('refused')
told = wait_for('other', 'bpf')
expect(told['bpf']['count'] == told['bpf']['uncertain'] == 1, told)
told = known('asks')
expect(told['bpf']['count'] == 2 and told['bpf']['uncertain'] >= 1, told)
quiet = start('echo quiet; sleep 60', policy={'user': {'uid': 10078, 'gid': 10078}}, options=['--name', 'quiet'])
quiet.event('launched')     # its record is a little later than what it says
result = casemate('denials', 'quiet')
expect(result.code == 0 and 'nothing' in result.out, result)
for one in running, other, quiet:
    one.signal(signal.SIGTERM)
for one in running, other, quiet:
    one.wait()
expect(casemate('denials', 'nobody').code == 2, 'a container that there is not')
