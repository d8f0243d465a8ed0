# A directory of the host among descriptors 0 to 2 would be a way into its tree (compare CVE-2024-21626): refused. And --status-fd 2
# is heard without taking the workload's standard error away.
policy_file = WORK / 'p.json'
policy_file.write_text(json.dumps(POLICY | {'rootfs': str(ROOTFS), 'args': ['/bin/sh', '-c', 'echo said >&2']}))
start = f'"$CASEMATE" run {"--without " + ",".join(GAPS) if GAPS else ""} "$WORK/p.json"'
sh(f'''code=0; {start} </ 2>said || code=$?; [ $code = 125 ]; grep "directory of the host" said
code=0; {start} >/dev/null 2>&1 || code=$?; [ $code = 0 ]
{start.replace(' run ', ' run --status-fd 2 ', 1)} 2>heard; grep said heard; grep '"event":"launched"' heard''')
