# A volume that is exchanged for a link during the launch (CVE-2024-42472): the link is not followed unseen; what is mounted is one of the two.
sh('mkdir -p pool/volume outside; echo volume > pool/volume/mark; echo outside > outside/mark; ln -s "$WORK/outside" pool/link')
racer = host.start([host.probe, 'race', WORK / 'pool/volume', WORK / 'pool/link'])
try:
    for n in rounds(50):
        result = run('cat /data/mark', policy={'mounts': [{'type': 'bind', 'source': f'{WORK}/pool/volume', 'target': '/data'}]})
        expect(result.code in (0, 125), result)
        expect(result.code or result.out.endswith('volume\n'), 'a link is not a volume', result)
finally:
    racer.kill()
    racer.communicate()
