# Nothing can be typed into the caller's terminal, also without the filter (CVE-2017-5226).
# needs: tiocsti
# terminal: yes
# waive: seccomp
# without: session
# denied: TIOCSTI: E(IO|PERM)
probe push
