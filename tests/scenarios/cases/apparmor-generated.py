# A profile made from a policy bites at the policy's edges and nowhere else; each denial is in the kernel's log, under its name.
# What is run allows more than what the profile was made from, in its mounts and capabilities: so it is the profile that bites.
# needs: root apparmor
# waive: landlock
sh('''mkdir -p volume && cd volume
for dir in ww www www/deep www2 wwwx www- bin binx; do mkdir $dir; cp /bin/busybox $dir/echo; done
chmod -R a+rwX .''')
def mount(target, **more):
    return {'type': 'bind', 'source': f'{WORK}/volume', 'target': target, **more}
narrow = policy({'apparmor': 'casemate-scenario', 'mounts': [mount('/data/www', read_only=False), mount('/data/bin', exec=True)]})
wide = {'apparmor': 'casemate-scenario', 'mounts': [mount('/data', read_only=False, exec=True)], 'capabilities': ['NET_BIND_SERVICE']}
INSIDE = ['write /data/www/file', 'write /data/www/deep/file', 'write /tmp/file', 'exec /data/bin/echo', 'exec /bin/echo',
          'exec /data/binx/echo', 'exec /data/ww/echo', 'read /data/ww/echo', 'read /data/www/echo', 'bind 8080']
OUTSIDE = ['write /data/file', 'write /data/ww/file', 'write /data/www2/file', 'write /data/wwwx/file', 'write /data/www-/file',
           'write /data/bin/file', 'exec /data/www/echo', 'exec /data/www/deep/echo', 'bind 80']
ACT = '''write() { echo > $1; }; exec_() { $1 ran; }; read_() { head -c 1 $1; }; bind_() { probe bind $1; }
try() { if "$1" "$2" > /dev/null 2>&1; then echo "$1 $2: yes"; else echo "$1 $2: no"; fi; }\n'''
ACT += '\n'.join('try ' + re.sub('^(exec|read|bind)', r'\1_', act) for act in INSIDE + OUTSIDE)
def allowed(**more):
    result = run(ACT, policy=wide, **more)
    expect(result.code == 0, result)
    answers = dict(re.findall(r'^(\S+ \S+): (yes|no)$', result.out.replace('_ ', ' '), re.M))
    expect(set(answers) == set(INSIDE + OUTSIDE), result)
    return {act for act, answer in answers.items() if answer == 'yes'}
text = casemate('apparmor', narrow).out
with ground.apparmor(text), ground.Audit() as audit:
    got = allowed()
    expect(got == set(INSIDE), 'denied inside:', set(INSIDE) - got, 'allowed outside:', got & set(OUTSIDE))
    for act in OUTSIDE:
        verb, what = act.split()
        named = 'capname="net_bind_service"' if verb == 'bind' else f'name="{what}"'
        expect(audit.wait_for('apparmor="DENIED"', 'profile="casemate-scenario"', named), 'in the log:', act, *audit.seen)
got = allowed(without=['apparmor'])
expect(got == set(INSIDE + OUTSIDE), 'without the profile:', got)
