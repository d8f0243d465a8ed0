# What AppArmor refused is named: the path, the capability, the profile, how often, and the key that would allow it; not what another container did.
# needs: root apparmor
def denied(name):
    result = casemate('denials', '--json', name)
    expect(result.code in (0, 1), result)
    return [d for d in json.loads(result.out)['denials'] if d['by'] == 'apparmor']
def wait_for(name, count):
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline and len(denied(name)) < count:
        time.sleep(0.2)
    return denied(name)
# The shipped profile denies silently what every program tries; this one says what it denies.
profile = f'scenario-denials-{os.getpid()}'
with ground.apparmor(f'''abi <abi/3.0>,
profile {profile} flags=(attach_disconnected,mediate_deleted) {{
  file,
  network,
  signal,
  ptrace,
  unix,
  audit deny /tmp/refused w,
  audit deny capability sys_chroot,
}}'''):
    policy = {'apparmor': profile, 'user': {'uid': 10079, 'gid': 10079}, 'capabilities': ['SYS_CHROOT']}
    act = '(echo x >/tmp/refused) || :; (echo x >/tmp/refused) || :; chroot / /bin/true && echo rooted || :; cat /tmp/refused || :; echo over; exec sleep 60'
    running = start(act, policy=policy, options=['--name', 'asks'])
    running.wait_for('over')
    told = {d['what']: d for d in wait_for('asks', 2)}
    path, capability = (next((d for what, d in told.items() if word in what), None) for word in ('/tmp/refused', 'sys_chroot'))
    expect(path and capability, told)
    expect(path['count'] == 2 and path['key'] == 'mounts' and path['cost'], path)
    expect(capability['count'] >= 1 and capability['key'] == 'capabilities' and capability['cost'], capability)
    text = casemate('denials', 'asks')
    expect(text.code == 1 and re.search(r'2 x apparmor: .*/tmp/refused', text.out) and 'costs: ' in text.out, text)
    # The same acts where the profile has nothing against them.
    with ground.apparmor(f'profile {profile}-free flags=(attach_disconnected,mediate_deleted) {{ file, network, signal, ptrace, unix, capability, }}'):
        free = start(act, policy={**policy, 'apparmor': f'{profile}-free', 'user': {'uid': 10080, 'gid': 10080}}, options=['--name', 'free'])
        free.wait_for('over')
        expect('rooted\nx\n' in free.text('out'), free.text('out'))
        expect(not denied('free'), denied('free'))
        free.signal(signal.SIGTERM)
        free.wait()
    running.signal(signal.SIGTERM)
    running.wait()
