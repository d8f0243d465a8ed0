"""engine.py - casemate-runtime as a container engine uses it: a verb at a time, by the id of a container."""
import json
import os
import subprocess

from ground import Result, expect, until


class Engine:
    def __init__(self, ground):
        self.g = ground
        ground.n += 1
        self.root = ground.top / f'engine{ground.n}'
        self.prefix = f'e{ground.top.name.rsplit("-", 1)[1]}-{ground.n}-'     # of the whole host: others may test as well

    def id(self, name):
        return self.prefix + name

    def bundle(self, act, **more):
        b = self.g.bundle()
        caps = more.pop('caps', ())
        process = more.pop('process', {})
        config = self.g.config(act, caps=caps, **more)
        config['process'].update(process)
        (b / 'config.json').write_text(json.dumps(config))
        return b

    def command(self, verb, *args):
        names = [self.id(a) if isinstance(a, str) and len(a) == 1 and a.isalpha() else str(a) for a in args]
        options = [n for n in names if not n.startswith(self.prefix)]
        ids = [n for n in names if n.startswith(self.prefix)]
        if verb == 'kill':
            return [*[o for o in options if o.startswith('-')], *ids, *[o for o in options if not o.startswith('-')]]
        return [*options, *ids]

    def __call__(self, verb, *args, env=None, glob=(), **more):
        """Its output goes to files: what it starts keeps a pipe open for as long as it lives."""
        out, err = self.g.top / 'out', self.g.top / 'err'
        with open(out, 'w') as o, open(err, 'w') as r:
            done = subprocess.run([self.g.runtime, '--root', self.root, *glob, verb, *self.command(verb, *args)], stdin=subprocess.DEVNULL,
                                  stdout=o, stderr=r, timeout=60, cwd='/', env=env, **more)
        done.stdout, done.stderr = out.read_text(), err.read_text()
        return Result(done)

    def ok(self, verb, *args, **more):
        done = self(verb, *args, **more)
        expect(done.code == 0, f'{verb}: {done.code}:', done.err)
        return done

    def refused(self, verb, *args, words=(), **more):
        done = self(verb, *args, **more)
        done.refused(*words)
        return done

    def create(self, name, bundle, *options, **more):
        return self.ok('create', '-b', bundle, *options, name, **more)

    def state(self, name):
        return json.loads(self.ok('state', name).out)

    def until(self, name, status):
        return until(lambda: (now := self.state(name))['status'] == status and now, f'{name} becomes {status}')

    def gone(self, name):
        self.refused('state', name, words=['does not exist'])
        expect(not os.path.exists(self.root / self.id(name)), 'its directory is left')
