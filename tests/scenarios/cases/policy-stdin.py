# A policy can come on standard input; then the workload's input is empty.
text = policy({}).read_text()
result = run('cat', options=['-'], stdin=text)
expect(result.code == 0 and result.out.rstrip().endswith('begins'), result)
result = run('true', options=['-'], stdin=text + '}')
expect(result.code == 125 and not result.begun, result)
