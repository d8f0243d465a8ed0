# Three services of one compose file: each its own policy, together a volume that one of them writes and another reads.
# needs: root
store, project, out = WORK / 'store', WORK / 'project', WORK / 'policies'
for path in store / 'rootfs', store / 'volumes/shared', project, out:
    path.mkdir(parents=True, mode=0o755)
(store / 'volumes/shared').chmod(0o777)
sh(f'cp -a {ROOTFS} {store}/rootfs/busybox:1.36; touch {store}/rootfs/busybox:1.36/etc/app.conf')
(store / 'rootfs/busybox:1.36.json').write_text(json.dumps({'config': {'Entrypoint': ['/bin/sh', '-c'], 'Env': ['FROM=image']}}))
(project / 'app.conf').write_text('from the project\n')
(project / '.env').write_text('GREETING=hello\n')
(project / 'compose.yaml').write_text(r'''
x-base: &base
  image: busybox:1.36
  user: "10001:10001"
  cap_drop: [ALL]
  security_opt: ["no-new-privileges:true"]
  read_only: true
services:
  writer:
    <<: *base
    environment: {WHO: writer}
    command: ["echo $$WHO says ${GREETING} >/data/new && mv /data/new /data/message && echo written"]
    volumes: [shared:/data]
  reader:
    <<: *base
    command: |
      "until test -e /data/message; do sleep 0.05; done; cat /data/message /etc/app.conf; ulimit -n; touch /data/x || echo shut"
    volumes: ["shared:/data:ro"]
    configs: [{source: app, target: /etc/app.conf}]
    ulimits: {nofile: 99}
  worker:
    <<: *base
    entrypoint: /bin/sh -c 'ulimit -n; echo $$FROM $$0; hostname; touch /root/x && echo kept'
    tmpfs: /root:size=1m
    hostname: worker-of-three
    deploy: {resources: {limits: {pids: 16, memory: 64M, cpus: "0.5"}}}
volumes: {shared: {}}
configs: {app: {file: ./app.conf}}
''')
made = casemate('import', 'compose', '--output', out, project / 'compose.yaml', env={'CASEMATE_STORE': str(store)})
expect(made.code == 0 and 'refused' not in made.text, made)
expect(sorted(path.name for path in out.iterdir()) == ['reader.json', 'worker.json', 'writer.json'], list(out.iterdir()))
running = {name: start(args=[], policy=out / f'{name}.json') for name in ('reader', 'worker', 'writer')}
ended = {name: launch.wait() for name, launch in running.items()}
expect(ended['writer'].code == 0 and 'written' in ended['writer'].out, ended['writer'])
expect(ended['reader'].code == 0 and 'writer says hello\nfrom the project\n99\nshut' in ended['reader'].out, ended['reader'])
expect('1024\nimage /bin/sh\nworker-of-three\nkept' in ended['worker'].out, ended['worker'])
