# Of 320-odd system calls the default filter lets through clearly fewer than 252, what the tightest of the common launchers allow.
def allowed(**more):
    result = run('probe sweep 470', seconds=60, **more)
    return int(re.search(r'allowed (\d+)', result.out)[1])
tight, open_ = allowed(), allowed(without=['seccomp'])
note(f'{tight} calls allowed, {open_} without seccomp')
expect(tight < 240 < open_, tight, open_)
