# What a workload writes wherever it can changes nothing of what verify reads back (CVE-2019-12589).
running = start('''for d in /tmp /dev/shm /dev/mqueue /data /run /etc /proc/self; do
    echo evil > $d/seccomp; echo evil > $d/policy.json; mkdir -p $d/casemate; done 2>/dev/null || true
echo written; sleep 60''', options=['--name', 'scenario'])
running.wait_for('written')
result = casemate('verify', 'scenario')
expect(result.code == 0 and 'no_new_privs' in result.out, result)
table = casemate('verify', '--json', 'scenario')
expect(table.code == 0 and json.loads(table.out), table)
result = casemate('verify', '--pid', running.event('launched')['pid'])
expect(result.code in (0, 1) and 'seccomp' in result.out, result)
running.signal(signal.SIGTERM)
running.wait()
result = casemate('verify', 'scenario')
expect(result.code == 2, 'it is gone', result)
