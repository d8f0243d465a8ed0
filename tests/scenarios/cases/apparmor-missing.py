# A profile that is not loaded is an error with a hint, not a launch without it.
# needs: apparmor
result = run(policy={'apparmor': 'casemate-no-such-profile'})
expect(result.code == 125 and not result.begun and '/apparmor' in result.err, result)
