# What is not a profile in enforce mode is refused, with a reason: one in complain mode, one that confines nothing, no profile at all.
# needs: root apparmor
lax = 'abi <abi/3.0>,\nprofile scenario-lax flags=(complain%s) { /** r, }\n'
def refused(name, *said):
    result = run(policy={'apparmor': name})
    expect(result.code == 125 and not result.begun and '/apparmor' in result.err, name, result)
    for word in said:
        expect(word in result.err, word, result)
with ground.apparmor(lax % ''):
    refused('scenario-lax', 'complain mode', 'aa-enforce')
refused('scenario-lax', 'not loaded', 'apparmor_parser -r')
refused('unconfined', 'unconfined')
# One that is switched off in /etc/apparmor.d/disable is one that is not loaded: above. One that kills is stricter than enforce.
with ground.apparmor('abi <abi/3.0>,\nprofile scenario-kill flags=(kill,attach_disconnected) { /** rmix, signal, network unix, }\n'):
    result = run('true', policy={'apparmor': 'scenario-kill'})
    expect(result.code == 0 and result.event('launched')['controls']['apparmor'] == 'scenario-kill (kill)', result)
# PID 1 of the container lives under the profile as well and must be able to talk to the supervisor: a profile that forbids it that ends
# the launch.
with ground.apparmor('abi <abi/3.0>,\nprofile scenario-mute flags=(attach_disconnected) { /** rmix, signal, }\n'):
    result = run('true', policy={'apparmor': 'scenario-mute'})
    expect(result.code == 125 and not result.begun and 'kernel log' in result.err, result)
    expect(run('true', policy={'apparmor': 'scenario-mute', 'init': False}).code == 0, 'without PID 1')
