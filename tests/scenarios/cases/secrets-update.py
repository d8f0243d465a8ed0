# A secret is replaced in a running container: whole, by whoever may, with a signal; and by nobody inside.
name = f'secret-{os.getpid()}'
source = WORK / 'password'
source.write_text('first')
source.chmod(0o400)
act = "trap 'echo told $(cat /run/secrets/db)' USR1; trap 'exit 0' TERM; echo have $(cat /run/secrets/db); while :; do sleep 0.05; done"
policy_ = {'secrets': [{'name': 'db', 'file': str(source)}, {'name': 'other', 'file': str(source)}], 'reload': {'signal': 'USR1'}}
running = start(act, options=['--name', name], policy=policy_)
running.wait_for('have first')
running.event('launched')
def update(*args, stdin=None, code=0):
    result = casemate('secret', 'update', *args, stdin=stdin)
    expect(result.code == code, args, result)
    return result
update(name, 'db', stdin='second')
running.wait_for('told second')
new = WORK / 'new'
new.write_text('third')
new.chmod(0o600)
update('--signal', 'SIGUSR1', name, 'db', new)
running.wait_for('told third')
# What it is afterwards is what it was: mode, owner, nothing beside it. The workload still cannot touch it.
pid = running.event('launched')['pid']
if host.root:
    st = os.stat(f'/proc/{pid}/root/run/secrets/db')
    expect((st.st_mode & 0o777, st.st_uid, st.st_gid) == (0o400, 10001, 10001), st)
    expect(sorted(os.listdir(f'/proc/{pid}/root/run/secrets')) == ['db', 'other'], os.listdir(f'/proc/{pid}/root/run/secrets'))
# A thousand readers' worth of luck: never half of one. The reader is the workload's own view.
update('--no-signal', name, 'db', stdin='x' * 200000)
running.signal(signal.SIGTERM)
running.wait()
reader = '''while :; do case $(wc -c </run/secrets/db) in 100000|200000) ;; *) echo "torn"; exit 1 ;; esac; done'''
source.chmod(0o600)
source.write_text('y' * 100000)
running = start(reader, options=['--name', name], policy=policy_)
running.event('launched')
for i in range(20):
    update('--no-signal', name, 'db', stdin='z' * (200000 if i % 2 else 100000))
expect('torn' not in running.text('out'), 'half a secret was read')
# Refused: another name, a source that all may read, nothing, a container without secrets.
expect('has no secret' in update(name, 'nothing', stdin='x', code=125).err, 'an unknown secret')
new.chmod(0o644)
expect('open to everybody' in update(name, 'db', new, code=125).err, 'a file open to everybody')
expect('must be a file or a pipe' in update(name, 'db', stdin=None, code=125).err, 'from /dev/null')
running.signal(signal.SIGTERM)
running.wait()
running = start('sleep 60', options=['--name', name])
running.event('launched')
expect('has no secret' in update(name, 'db', stdin='x', code=125).err, 'a container without secrets')
running.signal(signal.SIGTERM)
running.wait()
expect('no container named' in update(name, 'db', stdin='x', code=125).err, 'no container')
