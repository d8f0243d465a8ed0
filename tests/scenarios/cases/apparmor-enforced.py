# Everyone in the container is in enforce mode under the shipped profile: the kernel's word, from outside, and verify's and the record's.
# needs: apparmor
running = start('sleep 600 & echo both; wait', options=['--name', 'scenario'])
launched = running.event('launched')
running.wait_for('both')
everyone = [launched['init_pid'], launched['pid'], *ground.children(launched['pid'])]
expect(len(everyone) == 3, everyone)
for pid in everyone:
    expect(ground.attr(pid) == 'casemate-default (enforce)', pid, ground.attr(pid))
expect(launched['controls']['apparmor'] == 'casemate-default (enforce)', launched)
result = casemate('verify', 'scenario')
expect(result.code == 0 and re.search(r'^\S*\s*apparmor\s.*casemate-default \(enforce\)', result.out, re.M), result)
running.signal(signal.SIGTERM)
running.wait()
