/* sys_names.c - the calls that may pass the gate, by name and argument shape: what
 * `casemate plan` prints, and the list that the tests walk. */
#include "sys.h"

#include <stddef.h>
#include <sys/syscall.h>

#define ROW(name, args) { SYS_##name, #name, args }
static const struct sys_row rows[] = {
	ROW(accept4, "dppx"), ROW(bind, "dpu"), ROW(bpf, "ipu"), ROW(capset, "pp"), ROW(chdir, "s"), ROW(clone3, "Cu"), ROW(close, "d"),
	ROW(close_range, "uux"), ROW(connect, "dpu"), ROW(dup3, "ddx"), ROW(execve, "spp"),
	ROW(exit_group, "i"), ROW(fchdir, "d"), ROW(fdatasync, "d"), ROW(ftruncate, "du"), ROW(fchown, "duu"), ROW(fgetxattr, "dspu"), ROW(fsconfig, "dusss"),
	ROW(fsmount, "dxx"), ROW(fsopen, "sx"), ROW(fstatfs, "dp"), ROW(getcwd, "pu"), ROW(getdents64, "dpu"),
	ROW(getgroups, "up"), ROW(getsockopt, "diipp"), ROW(getpriority, "ii"), ROW(ioctl, "dxp"), ROW(keyctl, "up"), ROW(listen, "di"), ROW(lseek, "dii"), ROW(memfd_create, "sx"), ROW(landlock_add_rule, "dup"),
	ROW(landlock_create_ruleset, "pux"), ROW(landlock_restrict_self, "dx"), ROW(mkdirat, "dso"),
	ROW(mount_setattr, "dsxAu"), ROW(move_mount, "dsdsx"), ROW(open_tree, "dsx"),
	ROW(openat, "dsxo"), ROW(openat2, "dsHu"), ROW(pidfd_getfd, "ddx"), ROW(pidfd_open, "ix"), ROW(pidfd_send_signal, "di"), ROW(pipe2, "px"), ROW(pivot_root, "ss"), ROW(ppoll, "pupp"),
	ROW(personality, "x"), ROW(prctl, "ixxx"), ROW(prlimit64, "iipp"), ROW(ptrace, "xixx"), ROW(read, "dpu"), ROW(recvfrom, "dpux"),
	ROW(recvmsg, "dpx"), ROW(renameat2, "dsdsx"), ROW(rt_sigprocmask, "ippu"), ROW(sched_setattr, "ipx"), ROW(sched_getattr, "ipux"), ROW(sched_setaffinity, "iup"),
	ROW(sched_getaffinity, "iup"), ROW(ioprio_set, "iii"), ROW(ioprio_get, "ii"), ROW(seccomp, "uxp"), ROW(sendfile, "ddpu"), ROW(splice, "dpdpux"), ROW(sendmsg, "dpx"), ROW(dup3, "ddx"), ROW(sendto, "dpux"), ROW(setgroups, "up"), ROW(setdomainname, "su"), ROW(sethostname, "su"),
	ROW(setns, "dx"), ROW(setresgid, "uuu"), ROW(setresuid, "uuu"), ROW(setsid, ""),
	ROW(socket, "uxu"), ROW(socketpair, "uxup"), ROW(statx, "dsxxp"), ROW(symlinkat, "sds"),
	ROW(setsockopt, "diipu"), ROW(umask, "o"), ROW(umount2, "sx"), ROW(uname, "p"), ROW(unlinkat, "dsx"), ROW(unshare, "x"), ROW(write, "dBu"),
	ROW(chroot, "s"), ROW(fchmod, "do"), ROW(fchownat, "dsuux"), ROW(fspick, "dsx"), ROW(mknodat, "dsou"), ROW(readlinkat, "dspu"),
};

const struct sys_row *sys_row(long nr)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].nr == nr)
			return &rows[i];
	return NULL;
}
