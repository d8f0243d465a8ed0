"""tightness.py - what a policy gives beyond the least, and the policy without each of it.

The least is not the default: /sys, /dev/shm and a writable /tmp are there unless a policy says no. Every key of
the language stands in one of the tables below; one that does not is an error, so that whoever adds a key has to say
what its tightest value is."""
import copy

# The tightest value, for keys that are on or off or a choice.
LEAST = {
    'passwd': False, 'exec': False, 'exec_once': True, 'proc': 'pid', 'sys': False, 'shm': 0, 'landlock': True, 'init': True,
    'seccomp.profile': 'default', 'seccomp.deny': 'errno', 'network.mode': 'none', 'limits.swap': 0, 'limits.oom_group': True,
    'limits.rlimits.core': 0, 'limits.rlimits.memlock': 0, 'limits.rlimits.msgqueue': 0, 'limits.rlimits.sigpending': 0,
    'limits.rlimits.rtprio': 0, 'time.monotonic': 0, 'time.boottime': 0, 'user.umask': '0077',
    **{f'namespaces.{name}': True for name in ('user', 'ipc', 'uts', 'cgroup', 'time')},
}
# Taken away entry by entry. Where "missing" means "everything", an empty list is tried in its place.
ENTRIES = {'capabilities', 'user.groups', 'env_pass', 'network.listen', 'network.connect', 'sysctl', 'hosts', 'dns', 'devices', 'mounts'}
# Half of it must be too little; not below the least that the language takes.
HALVES = {'limits.memory': 1 << 20, 'limits.pids': 2, 'limits.rlimits.nofile': 1}
# The same, where the policy names it; the default is no limit, or one that is not met before those above.
HALVES_IF_NAMED = {'limits.rlimits.nproc': 1, 'limits.rlimits.fsize': 1, 'limits.rlimits.stack': 1, 'limits.rlimits.as': 1, 'limits.rlimits.cpu': 1}
# What runs, where, and how fast: no protection is weaker for it.
NEUTRAL = {
    'version', 'name', 'hostname', 'rootfs', 'args', 'cwd', 'env', 'user.uid', 'user.gid', 'apparmor', 'network.path',
    'limits.memory_high', 'limits.cpus', 'limits.cpu_weight', 'limits.cpuset', 'limits.io', 'stop.signal', 'stop.timeout',
    # Whom it tells what, and who looks after it.
    'reload.signal', 'notify', 'sockets', 'secrets', *(f'log.{key}' for key in
    ('driver', 'path', 'max_size', 'max_files', 'compress', 'full', 'failure')),
}
NEUTRAL_SECTIONS = ('healthcheck.', 'alerts.')
SHORT = {'network': 'mode', 'seccomp': 'profile'}       # keys that may be written as one value
SEALED_TMP = {'type': 'tmpfs', 'target': '/tmp', 'size': '4K', 'inodes': 2, 'mode': '0555'}
MOUNT_FLAGS = {'read_only': True, 'exec': False, 'suid': False, 'dev': False, 'idmap': False}
TMPFS_LEAST = {'size': 4096, 'inodes': 2}


def keys(schema, prefix=''):
    """{dotted name: default or None} of every key in the schema."""
    found = {}
    for name, what in schema['properties'].items():
        for form in [what, *what.get('anyOf', [])]:
            if 'properties' in form:
                found.update(keys(form, f'{prefix}{name}.'))
                break
        else:
            found[prefix + name] = what.get('default')
    return found


def expand(policy):
    return {key: {SHORT[key]: value} if key in SHORT and not isinstance(value, dict) else value
            for key, value in copy.deepcopy(policy).items()}


def get(policy, name, default=None):
    for part in name.split('.'):
        if part not in policy:
            return default
        policy = policy[part]
    return policy


def changed(policy, name, value):
    new = copy.deepcopy(policy)
    *path, last = name.split('.')
    at = new
    for part in path:
        at = at.setdefault(part, {})
    at[last] = value
    return new


def number(value):
    """A size or a count as a number."""
    if isinstance(value, int):
        return value
    return int(value[:-1]) << {'K': 10, 'M': 20, 'G': 30, 'T': 40}[value[-1]]


def pointer(name):
    return '/' + name.replace('.', '/')


def tmp_variants(policy, mounts):
    at = next((i for i, mount in enumerate(mounts) if mount['target'] == '/tmp'), None)
    where, rest = ('/tmp', mounts) if at is None else (f'/mounts/{at}', mounts[:at] + mounts[at + 1:])
    if at is None or any(mounts[at].get(key) != value for key, value in SEALED_TMP.items()):
        yield f'{where} writable', changed(policy, 'mounts', rest + [SEALED_TMP])


def mount_variants(policy):
    mounts = policy.get('mounts', [])
    yield from tmp_variants(policy, mounts)
    for i, mount in enumerate(mounts):
        def with_it(**other):
            return changed(policy, 'mounts', mounts[:i] + [{**mount, **other}] + mounts[i + 1:])
        if mount['target'] != '/tmp':       # there is one anyway
            yield f'/mounts/{i}', changed(policy, 'mounts', mounts[:i] + mounts[i + 1:])
        for flag, least in MOUNT_FLAGS.items():
            if mount.get(flag, least) != least:
                yield f'/mounts/{i}/{flag}', with_it(**{flag: least})
        for size, least in TMPFS_LEAST.items() if mount.get('type') == 'tmpfs' else ():
            if number(mount.get(size, '64M' if size == 'size' else 16384)) > least:
                half = max(least, number(mount.get(size, '64M' if size == 'size' else 16384)) // 2)
                yield f'half of /mounts/{i}/{size}', with_it(**{size: half})


def entry_variants(policy, name):
    entries = get(policy, name)
    if entries is None:
        if name.startswith('network.'):
            yield pointer(name) + ' of everything', changed(policy, name, [])
        return
    for i, key in enumerate(entries):
        if isinstance(entries, dict):
            yield f'{pointer(name)}/{key}', changed(policy, name, {k: v for k, v in entries.items() if k != key})
        else:
            yield f'{pointer(name)}/{i}', changed(policy, name, entries[:i] + entries[i + 1:])


def variants(policy, schema):
    """Yield (what is taken away, the policy without it)."""
    policy = expand(policy)
    for name, default in keys(schema).items():
        value = get(policy, name, default)
        if name == 'mounts':
            yield from mount_variants(policy)
        elif name in ENTRIES:
            yield from entry_variants(policy, name)
        elif name in LEAST:
            if value != LEAST[name]:
                yield pointer(name), changed(policy, name, LEAST[name])
            if name == 'shm' and number(value) > 4096:
                yield f'half of {pointer(name)}', changed(policy, name, number(value) // 2)
        elif name in HALVES or name in HALVES_IF_NAMED and get(policy, name) is not None:
            if number(value) > (least := {**HALVES, **HALVES_IF_NAMED}[name]):
                yield f'half of {pointer(name)}', changed(policy, name, max(least, number(value) // 2))
        elif name not in NEUTRAL and not name.startswith(NEUTRAL_SECTIONS) and name not in HALVES_IF_NAMED:
            raise KeyError(f'{name}: say in {__file__} what its tightest value is')
