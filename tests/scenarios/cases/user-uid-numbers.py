# A uid is a number, whole and exact, never a name of the image's (CVE-2026-30892, CVE-2024-40635, CVE-2026-46680).
for bad in '01', '+1', '-1', '4294967295', '4294967296', '4294977297', '1e4', '1.0', '"10001"', '"image"', '"4294967296"', 'true', '[1]', '{}', 'null', '', '0':
    for key in 'uid', 'gid':
        file = WORK / 'bad.json'
        file.write_text('{"version": 1, "rootfs": "%s", "args": [], "user": {"uid": %s, "gid": %s}}'
                        % (ROOTFS, *((bad, 10001) if key == 'uid' else (10001, bad))))
        result = run('id -u', policy=file)
        expect(result.code == 125 and not result.begun, bad, result)
