# A launcher that has no_new_privs already can still confine: the kernel lets it give up more, never less.
# needs: apparmor
result = run('cat /proc/self/attr/apparmor/current', wrapper=['setpriv', '--no-new-privs', '--'])
expect(result.code == 0 and 'casemate-default (enforce)' in result.out, result)
