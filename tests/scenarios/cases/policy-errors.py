# A mistake in a policy is an error with its place, and never a weaker launch.
base = policy({}).read_text()
def attempt(text, *said):
    file = WORK / 'bad.json'
    file.write_text(text)
    for command in 'run', 'check':
        result = run(policy=file) if command == 'run' else casemate('check', file)
        expect(result.code in ((125,) if command == 'run' else (1, 2)) and not result.begun, result)
        for word in said:
            expect(word in result.text, word, result)
def with_(text):
    return base.rstrip().removesuffix('}') + ', ' + text + '}'
attempt(with_('"capabilites": []'), 'capabilities', 'bad.json:')
attempt(with_('"Capabilities": []'), 'Capabilities')
attempt(with_('"version": 1'), 'version')
attempt(with_('"limits": {"memory": "lots"}'), '/limits/memory')
attempt(with_('"limits": {"rlimits": {"nofile": -1}}'), '/limits/rlimits/nofile')
attempt(with_('"landlock": "no"'), '/landlock')
attempt(with_('"seccomp": {"profile": "defualt"}'), '/seccomp')
attempt(with_('"hostname": "a\\u0000b"'), '/hostname')
attempt(with_('"hostname": "a\\nb"'), '/hostname')
attempt(with_('"x": ' + '[' * 100 + ']' * 100))
attempt(with_('"hostname": "' + 'x' * 300000 + '"'))
attempt(base[:-3])
attempt('')
attempt('[]')
attempt('\x00')
