# A program that is /proc/self/exe, or opens the launcher's through /proc, gets the launcher at no moment (CVE-2019-5736,
# CVE-2019-12499, CVE-2019-8308). That the binary is unchanged is looked at after every case.
sh('cp -a "$ROOTFS" rootfs; printf "#!/proc/self/exe\\n" > rootfs/bin/self; chmod 755 rootfs/bin/self')
result = run(args=['/bin/self'], policy={'rootfs': f'{WORK}/rootfs'})
expect(result.code not in (0, 125) or 'casemate' not in result.out, result)
act = '''for exe in /proc/[0-9]*/exe; do
    to=$(readlink $exe) || continue
    echo "$exe $to"
    case $to in *casemate*) exit 9 ;; esac
done'''
result = run(act)
expect(result.code == 0, 'no process inside shows the launcher', result)
