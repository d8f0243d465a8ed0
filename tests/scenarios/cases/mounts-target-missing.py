# A mount point that is not there is an error with a hint; nothing is made for it in the image or on the volume.
(WORK / 'volume').mkdir()
for target in '/absent', '/data/absent/deep', '/etc/hosts/x':
    result = run(policy={'mounts': [{'type': 'bind', 'source': f'{WORK}/volume', 'target': target}]})
    expect(result.code == 125 and target in result.err and 'hint' in result.err, target, result)
result = run(policy={'mounts': [{'type': 'bind', 'source': f'{WORK}/volume', 'target': '/data'},
                                {'type': 'tmpfs', 'target': '/data/absent'}]})
expect(result.code == 125, result)
expect(not list((WORK / 'volume').iterdir()), 'the volume stays empty')
