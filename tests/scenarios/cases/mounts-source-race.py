# A volume that is exchanged for a link during the launch (CVE-2024-42472): the link is not followed unseen; what is mounted is the volume,
# or nothing. RACE_ROUNDS sets how often it is tried.
sh('mkdir -p pool/volume outside; echo volume > pool/volume/mark; echo outside > outside/mark; ln -s "$WORK/outside" pool/link')
with ground.exchanged(host, WORK / 'pool/volume', WORK / 'pool/link'):
    seen = race(100, '[ "$(cat /data/mark)" = volume ] || exit 3', [policy({'mounts': [{'source': f'{WORK}/pool/volume', 'target': '/data'}]})])
expect(all(seen.values()) or sum(seen.values()) < 40, 'the race met both sides', seen)
