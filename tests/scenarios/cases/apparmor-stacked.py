# A launcher that is confined itself: the workload has its profile and the policy's, both hold, and record and verify say so. Where its
# profile does not let it stack, or change the root, the launch ends with an error that says so.
# needs: root apparmor
# waive: masks
PROFILE = '''abi <abi/3.0>,
profile scenario-launcher flags=(attach_disconnected,mediate_deleted%s) {
  /** rwlkmix, deny /data/kept r, capability, network, signal, ptrace, mount, umount, remount, %s
}\n'''
PIVOT, STACK = 'pivot_root, ', 'change_profile -> &casemate-default,'
BOTH = r'(casemate-default//&scenario-launcher|scenario-launcher//&casemate-default) \(enforce\)'
READ = 'cat /data/kept && echo read kept; cat /proc/keys && echo read keys; echo done'
UNDER = ['aa-exec', '-p', 'scenario-launcher', '--']
VOLUME = {'mounts': [{'type': 'bind', 'source': f'{WORK}/volume', 'target': '/data'}]}
sh('mkdir volume; echo > volume/kept')
expect(re.search('kept', run(READ, policy=VOLUME).out), 'it is there to be read')
with ground.apparmor(PROFILE % ('', PIVOT + STACK)):
    running = start('sleep 600 & echo both; wait', options=['--name', 'scenario'], wrapper=UNDER)
    launched = running.event('launched')
    running.wait_for('both')
    for pid in launched['init_pid'], launched['pid'], *ground.children(launched['pid']):
        expect(re.fullmatch(BOTH, ground.attr(pid)), pid, ground.attr(pid))
    expect(ground.attr(launched['supervisor_pid']) == 'scenario-launcher (enforce)', launched)
    expect(re.fullmatch(BOTH, launched['controls']['apparmor']), launched)
    result = casemate('verify', 'scenario')
    expect(result.code == 0 and re.search('apparmor.*' + BOTH, result.out), result)
    running.signal(signal.SIGTERM)
    running.wait()
    result = run(READ, policy=VOLUME, wrapper=UNDER)
    expect('done' in result.out and not re.search('read (kept|keys)', result.out), 'both hold', result)
    # The kernel takes nothing back where no_new_privs is set, but lets a profile be added.
    result = run('cat /proc/self/attr/apparmor/current', wrapper=['setpriv', '--no-new-privs', *UNDER])
    expect(result.code == 0 and re.search(BOTH, result.out), result)
with ground.apparmor(PROFILE % ('', PIVOT)):
    result = run(wrapper=UNDER)
    expect(result.code == 125 and not result.begun and 'casemate-default' in result.err and 'change_profile -> &' in result.err, result)
with ground.apparmor(PROFILE % ('', STACK)):
    result = run(wrapper=UNDER)
    expect(result.code == 125 and not result.begun and re.search('AppArmor profile "scenario-launcher": the kernel log', result.err), result)
# In complain mode it forbids nothing, but no more can be told of the stack than that it is "mixed".
with ground.apparmor(PROFILE % (',complain', PIVOT + STACK)):
    result = run(wrapper=UNDER)
    expect(result.code == 125 and not result.begun and 'mixed mode' in result.err, result)
