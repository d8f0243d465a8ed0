# A signal for the launcher is one for the workload, which may handle it; TERM and INT ask it to stop, in its policy's words.
for name, number, arrives in ('TERM', 15, 15), ('INT', 2, 15), ('HUP', 1, 1), ('USR1', 10, 10), ('USR2', 12, 12), ('WINCH', 28, 28):
    for init in True, False:
        running = start(args=['/bin/probe', 'pause'], policy={'init': init})
        running.wait_for('ready')
        running.signal(number)
        result = running.wait()
        expect(result.code == 0 and f'signal {arrives}\n' in result.out, name, init, result)
