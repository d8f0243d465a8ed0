# The names in a denial are the workload's to choose: whatever they are, it is listed.
# needs: root
tools = WORK / 'tools'
tools.mkdir()
for tool in tools / os.fsdecode(b'\xff\nx'), tools / 'kauditd_printk_skb':
    tool.write_bytes(host.probe.read_bytes())
    tool.chmod(0o755)
tools.chmod(0o755)
mounts = [{'source': str(tools), 'target': '/data', 'exec': True}]
def known(name):
    result = casemate('denials', '--json', name)
    return json.loads(result.out) if result.code in (0, 1) else {'denials': [], 'why': result}
def wait_for(name, count):
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline and len(known(name)['denials']) < count:
        time.sleep(0.2)
    return known(name)
def refused(name, uid, program):
    running = start(f'{program} call bpf || :; echo refused; sleep 60', policy={'user': {'uid': uid, 'gid': uid}, 'mounts': mounts}, options=['--name', name])
    running.wait_for('refused')
    return running, wait_for(name, 1)
# What is no UTF-8 would be no JSON.
running, told = refused('bytes', 10085, r'"$(printf "/data/\377\nx")"')
expect([(d['what'], d['comm'], d['exe']) for d in told['denials']] == [('bpf', '?\nx', '/data/?\nx')] and told['complete'], told)
text = casemate('denials', 'bytes')
expect(text.code == 1 and '1 x seccomp: bpf, by /data/\\xff\\x0ax' in text.out, text)
expect('exit 2' in sh('"$CASEMATE" denials --json bytes >/dev/full || echo exit $?'), 'half a list')
# Words of the kernel's about itself, which mean that there was more.
other, told = refused('words', 10086, '/data/kauditd_printk_skb')
expect([d['exe'] for d in told['denials']] == ['/data/kauditd_printk_skb'] and told['complete'], told)
for one in running, other:
    one.signal(signal.SIGTERM)
for one in running, other:
    one.wait()
