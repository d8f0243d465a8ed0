# On a terminal the workload's input is the terminal; it stays no terminal of the workload's session.
result = run('[ -t 0 ] && stat -c %t /dev/stdin && tty 2>&1 || exit 4', terminal=True)
expect(result.begun, result)
result = run('[ -t 0 ]', terminal=False)
expect(result.code == 1, result)
