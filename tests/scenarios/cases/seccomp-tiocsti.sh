# Nothing is typed into a terminal (CVE-2017-5226), also not with a bit above those that the kernel looks at (CVE-2019-7303).
# without: seccomp
# denied: tiocsti: EPERM\ntiocsti_high: EPERM\ntioclinux: EPERM
probe call tiocsti tiocsti_high tioclinux
