# A signal for the launcher is one for the workload, which may handle it.
for name, number in ('TERM', 15), ('INT', 2), ('HUP', 1), ('USR1', 10), ('USR2', 12), ('WINCH', 28):
    for init in True, False:
        running = start(args=['/bin/probe', 'pause'], policy={'init': init})
        running.wait_for('ready')
        running.signal(number)
        result = running.wait()
        expect(result.code == 0 and f'signal {number}' in result.out, name, init, result)
