# /dev holds what every program expects, and nothing of the host; each device is what its name says.
result = run('''cd /dev; ls
[ "$(stat -c %t:%T null zero full random urandom tty | tr '\\n' ' ')" = "1:3 1:5 1:7 1:8 1:9 5:0 " ]
echo x > null; [ "$(head -c 3 zero | wc -c)" = 3 ]; if (echo x > full) 2>/dev/null; then exit 9; fi
[ "$(head -c 16 urandom | wc -c)" = 16 ]; cat < null
if (: > /dev/new) 2>/dev/null; then exit 8; fi''')
expect(result.code == 0, result)
listed = set(result.out.split('begins\n')[1].split())
expect({'null', 'zero', 'full', 'random', 'urandom', 'tty', 'pts', 'ptmx'} <= listed, listed)
expect(listed <= {'null', 'zero', 'full', 'random', 'urandom', 'tty', 'pts', 'ptmx', 'shm', 'mqueue', 'fd', 'stdin', 'stdout', 'stderr', 'core'}, listed)
