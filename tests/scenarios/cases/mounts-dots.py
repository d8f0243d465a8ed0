# No "..", no ".", no empty or relative path anywhere in a policy.
(WORK / 'volume').mkdir()
for path in '/data/../../etc', '/..', '../data', 'data', '', '/data/./x/..', '/data/..':
    for mount in {'target': path, 'source': f'{WORK}/volume'}, {'target': '/data', 'source': path}:
        result = run(policy={'mounts': [{'type': 'bind', **mount}]})
        expect(result.code == 125 and '/mounts' in result.err, path, result)
    for key in 'rootfs', 'cwd':
        result = run(policy={key: path})
        expect(result.code == 125 and f'/{key}' in result.err, path, result)
