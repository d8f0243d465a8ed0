/* calls.c - single system calls, made raw: what a seccomp filter is asked about.
 *
 * Some kernels cannot do some of these for other reasons (no AF_ALG, not privileged). What matters is
 * who answered: `reached` is the errno that only the kernel behind the filter gives for these arguments. */
#include "probe.h"

#include <asm/unistd.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/keyctl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef UFFD_USER_MODE_ONLY
#define UFFD_USER_MODE_ONLY 1
#endif

static unsigned char zero[4096];
static int no_map[8] = { -1 };	/* union bpf_attr of a call on descriptor -1 */
static char tick = 't', path[] = "/tmp/probe-call";
static struct open_how suid_how = { .flags = O_CREAT | O_WRONLY, .mode = 04755 };

#define P(x) ((unsigned long)(x))
static const struct call {
	const char *name;
	long nr;
	unsigned long arg[6];
	int reached;	/* 0: the call must succeed */
} calls[] = {
	{ "af_alg", SYS_socket, { AF_ALG, SOCK_SEQPACKET, 0 }, EAFNOSUPPORT },
	{ "af_vsock", SYS_socket, { AF_VSOCK, SOCK_STREAM, 0 }, EAFNOSUPPORT },
	{ "af_packet", SYS_socket, { AF_PACKET, SOCK_STREAM, 0 }, ESOCKTNOSUPPORT },
	{ "af_vsock_high", SYS_socket, { AF_VSOCK | 1UL << 32, SOCK_STREAM, 0 }, EAFNOSUPPORT },
	{ "ptrace", SYS_ptrace, { PTRACE_TRACEME }, 0 },
	{ "process_vm_readv", SYS_process_vm_readv, { 0x7fffffff, P(zero), 1, P(zero), 1, 0 }, ESRCH },
	{ "process_vm_writev", SYS_process_vm_writev, { 0x7fffffff, P(zero), 1, P(zero), 1, 0 }, ESRCH },
	{ "pidfd_getfd", SYS_pidfd_getfd, { ~0UL, 0, 0 }, EBADF },
	{ "process_madvise", SYS_process_madvise, { ~0UL, P(zero), 0, 0, 0 }, EBADF },
	{ "kcmp", SYS_kcmp, { 0x7fffffff, 0x7fffffff, 0, 0, 0 }, ESRCH },
	{ "unshare", SYS_unshare, { CLONE_FILES }, 0 },
	{ "unshare_newuser", SYS_unshare, { CLONE_NEWUSER }, 0 },
	{ "setns", SYS_setns, { ~0UL, 0 }, EBADF },
	{ "clone3", SYS_clone3, { P(zero), 1 }, EINVAL },
	{ "keyctl", SYS_keyctl, { KEYCTL_GET_KEYRING_ID, P(KEY_SPEC_PROCESS_KEYRING), 1 }, 0 },
	{ "add_key", SYS_add_key, { P("user"), P("probe"), P(zero), 1, P(KEY_SPEC_PROCESS_KEYRING) }, 0 },
	{ "request_key", SYS_request_key, { P("user"), P("no such key"), 0, 0 }, ENOKEY },
	{ "io_uring_setup", SYS_io_uring_setup, { 0, P(zero) }, EINVAL },
	{ "userfaultfd", SYS_userfaultfd, { UFFD_USER_MODE_ONLY }, 0 },
	{ "bpf", SYS_bpf, { BPF_MAP_LOOKUP_ELEM, P(no_map), sizeof(no_map) }, EBADF },
	{ "perf_event_open", SYS_perf_event_open, { P(zero), 0, ~0UL, ~0UL, ~0UL }, EINVAL },
	{ "fanotify_init", SYS_fanotify_init, { ~0UL, 0 }, EINVAL },
	{ "mount_setattr", SYS_mount_setattr, { ~0UL, P("/"), ~0UL, P(zero), 32 }, EINVAL },
	{ "open_tree", SYS_open_tree, { ~0UL, P("/"), ~0UL }, EINVAL },
	{ "personality", SYS_personality, { 0x0400000 /* READ_IMPLIES_EXEC */ }, 0 },
	{ "mbind", SYS_mbind, { 1, 0, 0, 0, 0, ~0UL }, EINVAL },
	{ "tiocsti", SYS_ioctl, { 0, TIOCSTI, P(&tick) }, ENOTTY },
	{ "tiocsti_high", SYS_ioctl, { 0, TIOCSTI | 1UL << 32, P(&tick) }, ENOTTY },
	{ "tioclinux", SYS_ioctl, { 0, TIOCLINUX, P(&tick) }, ENOTTY },
#ifdef SYS_chmod
	{ "chmod_suid", SYS_chmod, { P(path), 04755 }, 0 },
	{ "creat_suid", SYS_creat, { P("/tmp/probe-creat"), 04755 }, 0 },
	{ "mkdir_sgid", SYS_mkdir, { P("/tmp/probe-mkdir"), 02755 }, 0 },
#endif
	{ "fchmod_suid", SYS_fchmod, { 900, 04755 }, 0 },
	{ "fchmodat_suid", SYS_fchmodat, { P(AT_FDCWD), P(path), 02755 }, 0 },
	{ "openat_suid", SYS_openat, { P(AT_FDCWD), P("/tmp/probe-openat"), O_CREAT | O_WRONLY, 04755 }, 0 },
	{ "openat2_suid", SYS_openat2, { P(AT_FDCWD), P("/tmp/probe-openat2"), P(&suid_how), sizeof(suid_how) }, 0 },
	{ "mknodat_suid", SYS_mknodat, { P(AT_FDCWD), P("/tmp/probe-mknod"), S_IFREG | 04755, 0 }, 0 },
};

static int call_run(int argc, char **argv)
{
	int fd, status = 0;

	if (argc < 2)
		return 2;
	/* A file to change the mode of, also as descriptor 900. */
	fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
	if (fd >= 0)
		dup2(fd, 900);
	for (int i = 1; i < argc; i++) {
		const struct call *c = calls, *end = calls + sizeof(calls) / sizeof(calls[0]);

		while (c < end && strcmp(c->name, argv[i]))
			c++;
		if (c == end) {
			fprintf(stderr, "probe: no such call: %s\n", argv[i]);
			return 2;
		}
		long r = syscall(c->nr, c->arg[0], c->arg[1], c->arg[2], c->arg[3], c->arg[4], c->arg[5]);
		int error = r < 0 ? errno : 0;

		result(c->name, error);
		status |= error && error != c->reached;
	}
	return status;
}

/* clone() with one flag of a namespace; the child ends at once. */
static int clone_run(int argc, char **argv)
{
	static const struct { const char *name; unsigned long flag; } kinds[] = {
		{ "user", CLONE_NEWUSER }, { "mount", CLONE_NEWNS }, { "pid", CLONE_NEWPID }, { "ipc", CLONE_NEWIPC },
		{ "uts", CLONE_NEWUTS }, { "net", CLONE_NEWNET }, { "cgroup", CLONE_NEWCGROUP },
	};

	for (size_t i = 0; argc == 2 && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		long pid;

		if (strcmp(kinds[i].name, argv[1]))
			continue;
		pid = syscall(SYS_clone, kinds[i].flag | SIGCHLD, 0, 0, 0, 0);
		if (!pid)
			_exit(0);
		return result("clone", pid < 0 ? errno : 0);
	}
	return 2;
}

#ifdef __x86_64__
/* The 32-bit entry of the same kernel: other numbers, other argument sizes, the same powers. */
static long int80(long nr, long a, long b)
{
	long r;

	__asm__ volatile("int $0x80" : "=a"(r) : "a"(nr), "b"(a), "c"(b) : "memory", "r8", "r9", "r10", "r11");
	return r;
}

static int int80_run(int argc, char **argv)
{
	enum { I386_GETPID = 20, I386_SOCKET = 359 };
	long r = argc > 1 && !strcmp(argv[1], "af_alg") ? int80(I386_SOCKET, AF_ALG, SOCK_SEQPACKET)
							: int80(I386_GETPID, 0, 0);

	return result("int80", r < 0 && r != -EAFNOSUPPORT ? (int)-r : 0);
}

/* Most kernels are built without x32 or boot with it off and say ENOSYS: they were asked, at least. */
static int x32_run(int argc, char **argv)
{
	long r = syscall(SYS_getpid | __X32_SYSCALL_BIT);

	(void)argc, (void)argv;
	printf("x32: %s\n", r < 0 ? strerrorname_np(errno) : "ok");
	return r < 0 && errno != ENOSYS;
}
#endif

/* One call by number, arguments as given. */
static int raw_run(int argc, char **argv)
{
	unsigned long a[7] = { 0 };

	for (int i = 1; i < argc && i <= 7; i++)
		a[i - 1] = P(number(argv[i]));
	return result("raw", syscall((long)a[0], a[1], a[2], a[3], a[4], a[5], a[6]) < 0 ? errno : 0);
}

/* How many system calls the filter lets through: each number in a child of its own with arguments that
 * no call can use. EPERM and a kill are the filter's answers; the kernel's own EPERM comes later than EFAULT,
 * EBADF or EINVAL for nearly all of them, and counts as denied otherwise. */
static int sweep_run(int argc, char **argv)
{
	long last = argc > 1 ? number(argv[1]) : 470, allowed = 0, denied = 0;
	bool list = argc > 2;

	for (long nr = 0; nr <= last; nr++) {
		int status = 0;
		pid_t pid;

		if (nr == SYS_exit || nr == SYS_exit_group || nr == SYS_rt_sigreturn)
			continue;
		pid = vfork();	/* the memory is shared: none of these calls can change it */
		if (pid < 0)
			return result("vfork", errno);
		if (!pid) {
			alarm(1);	/* a call that blocks was let through */
			long r = syscall(nr, ~0UL, ~0UL, ~0UL, ~0UL, ~0UL, ~0UL);

			_exit(r < 0 && (errno == EPERM || errno == ENOSYS) ? 1 : 0);
		}
		waitpid(pid, &status, 0);
		if ((WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS) || (WIFEXITED(status) && WEXITSTATUS(status))) {
			denied++;
		} else {
			allowed++;
			if (list)
				printf("%ld\n", nr);
		}
	}
	printf("allowed %ld denied %ld\n", allowed, denied);
	return 0;
}

const struct verb call_verbs[] = {
	{ "call", "NAME...", call_run },
	{ "clone", "user|mount|pid|ipc|uts|net|cgroup", clone_run },
#ifdef __x86_64__
	{ "int80", "[af_alg]", int80_run },
	{ "x32", "", x32_run },
#endif
	{ "raw", "NR [ARG...]", raw_run },
	{ "sweep", "[LAST [list]]", sweep_run },
	{ 0 },
};
