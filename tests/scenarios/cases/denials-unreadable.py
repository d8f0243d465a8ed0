# Where neither the kernel's log nor its entries in the journal can be read, nobody can tell that there was nothing.
# needs: root /usr/bin/journalctl
# In a mount namespace of its own: /dev/kmsg is a socket, which nobody opens, and journalctl a script.
(WORK / 'journalctl').write_text('#!/bin/sh\ncase $* in *--lines=1*) cat "$OLDER";; *) cat "$ENTRIES";; esac\nexit "$STATUS"\n')
(WORK / 'journalctl').chmod(0o755)
(WORK / 'entry').write_text('MESSAGE=Linux version 6\n\n')
ground.socket.socket(ground.socket.AF_UNIX).bind(str(WORK / 'kmsg'))
state = host.state.parent
(WORK / 'keep').mkdir()
running = start('echo quiet; sleep 60', policy={'user': {'uid': 10087, 'gid': 10087}}, options=['--name', 'quiet'])
running.event('launched')
def asked(status=0, entries='/dev/null', older='/dev/null', kmsg=WORK / 'kmsg'):
    script = (f'mount --bind {kmsg} /dev/kmsg; mount --bind {WORK}/journalctl /usr/bin/journalctl; mount --rbind {state} {WORK}/keep; '
              f'mount -t tmpfs none {state}; mkdir -p {state}/systemd/journal {host.state}; mount --bind {WORK}/keep/{host.state.name} {host.state}; '
              f'{host.casemate} denials quiet || echo exit $?')
    return sh(f"export STATUS={status} ENTRIES={entries} OLDER={older}; unshare --mount sh -euc '{script}' 2>&1")
expect('exit 2' in asked(status=1), 'journalctl may not read')
expect('exit 2' in asked(), 'there is nothing of the kernel in the journal')
entry = WORK / 'entry'
for seen in asked(entries=entry), asked(older=entry), asked(status=1, kmsg='/dev/null'):
    expect('nothing that the kernel logged' in seen and 'exit' not in seen, seen)
running.signal(signal.SIGTERM)
running.wait()
