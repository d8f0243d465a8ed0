# A profile that is loaded but confines nothing (AppArmor 4's flags=(unconfined)) is refused like one in complain mode.
# needs: root apparmor linux-6.7
with ground.apparmor('abi <abi/4.0>,\nprofile scenario-open flags=(unconfined) { userns, }\n'):
    result = run(policy={'apparmor': 'scenario-open'})
    expect(result.code == 125 and not result.begun and 'unconfined mode' in result.err, result)
