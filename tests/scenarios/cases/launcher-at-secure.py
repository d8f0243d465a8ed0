# Setuid it refuses to work (CVE-2016-8659, CVE-2020-5291 were of a setuid helper).
# needs: root unsanitized
sh('cp "$CASEMATE" secure; chown 2000:2000 secure; chmod 6755 secure; mkdir -m 700 runtime; chown 1000:1000 runtime')
user = ['setpriv', '--reuid=1000', '--regid=1000', '--clear-groups', '--']
for command in ['run', policy({})], ['--version'], ['doctor']:
    process = host.start([*user, WORK / 'secure', *command], env={'XDG_RUNTIME_DIR': f'{WORK}/runtime'})
    out, err = process.communicate(timeout=10)
    expect(process.returncode == 125 and b'setuid' in err, command, process.returncode, out, err)
sh('chmod 755 secure')
process = host.start([*user, WORK / 'secure', '--version'])
expect(b'casemate' in process.communicate(timeout=10)[0], 'without the bit it works')
