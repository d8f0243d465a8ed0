# Pseudo-terminals are the container's own: the host's are not there, and a new one is number 0.
ours, theirs = os.openpty()
try:
    number = os.ttyname(theirs).rsplit('/', 1)[1]
    result = run(f'''ls /dev/pts; ls /dev/pts | grep -v ptmx && exit 9
sleep 0.5 < /dev/ptmx & sleep 0.1; ls /dev/pts; [ -c /dev/pts/0 ]''')
    expect(result.code == 0, number, result)
finally:
    os.close(ours)
    os.close(theirs)
