# A capability that does not exist is an error, not a warning.
result = run(policy={'capabilities': ['BOGUS']})
expect(result.code == 125 and '/capabilities' in result.err, result)
