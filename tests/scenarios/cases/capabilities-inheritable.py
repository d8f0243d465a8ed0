# The caller's inheritable capabilities are not the workload's (CVE-2022-29162, CVE-2022-27650).
# needs: root
wrapper = ['setpriv', '--inh-caps=+net_raw,+chown', '--']
host = sh('setpriv --inh-caps=+net_raw,+chown -- grep CapInh /proc/self/status')
expect(int(host.split()[1], 16), host)
result = run('grep Cap /proc/self/status', wrapper=wrapper)
expect(len(re.findall(r'Cap...:\t0{16}$', result.out, re.M)) == 5, result)
