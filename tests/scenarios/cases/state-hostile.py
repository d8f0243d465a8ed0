# A state directory that somebody else prepared is refused (CVE-2019-12439 was a predictable name in /tmp).
state = host.state
def attempt(what):
    result = run(options=['--name', 'scenario'])
    expect(result.code == 125 and not result.begun, what, result)
sh('mkdir outside')
if host.root:
    os.chown(state, 1000, 1000)
    attempt('another owner')
    os.chown(state, 0, 0)
else:
    if state.exists():
        state.rmdir()
    state.symlink_to(WORK / 'outside')
    attempt('a link')
    state.unlink()
    state.mkdir(mode=0o700)
state.chmod(0o777)
attempt('everybody may write')
state.chmod(0o700)
(state / 'scenario').symlink_to(WORK / 'outside')
attempt('a link for the name')
(state / 'scenario').unlink()
(state / 'scenario').write_text('')
attempt('a file for the name')
(state / 'scenario').unlink()
result = run(options=['--name', 'scenario'])
expect(result.code == 0, result)
expect(not os.listdir(WORK / 'outside'), 'nothing outside')
