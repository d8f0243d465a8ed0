/* process.c - tricks of a process: other ids, other processes, files that stand still for nobody,
 * terminals, sockets, keyrings. */
#include "probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/keyctl.h>
#include <net/if.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/sendfile.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <threads.h>
#include <unistd.h>

/* --- ids and capabilities --- */

static int uid_run(int argc, char **argv)
{
	(void)argc, (void)argv;
	printf("uid %d %d gid %d %d\n", getuid(), geteuid(), getgid(), getegid());
	return geteuid() != 0;
}

static int setuid_run(int argc, char **argv)
{
	return argc == 2 ? result("setuid", setuid((uid_t)number(argv[1])) ? errno : 0) : 2;
}

static int setgid_run(int argc, char **argv)
{
	return argc == 2 ? result("setgid", setgid((gid_t)number(argv[1])) ? errno : 0) : 2;
}

static int setgroups_run(int argc, char **argv)
{
	(void)argc, (void)argv;
	return result("setgroups", setgroups(0, NULL) ? errno : 0);
}

/* Any capability left in the bounding set could come back with a file that has it. */
static int bounding_run(int argc, char **argv)
{
	int left = 0;

	(void)argc, (void)argv;
	for (unsigned long cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		left += prctl(PR_CAPBSET_READ, cap, 0, 0, 0) == 1;
	printf("bounding: %d\n", left);
	return !left;
}

static int securebits_run(int argc, char **argv)
{
	(void)argc, (void)argv;
	/* Back to the classic rules, in which uid 0 has every capability of the bounding set. */
	return result("securebits", prctl(PR_SET_SECUREBITS, 0, 0, 0, 0) ? errno : 0);
}

/* --- other processes --- */

static int attach_run(int argc, char **argv)
{
	return argc == 2 ? result("attach", ptrace(PTRACE_SEIZE, (pid_t)number(argv[1]), 0, 0) ? errno : 0) : 2;
}

/* An orphan that has ended: PID 1 has to bury it. The trick works when it stays a zombie. */
static int zombie_run(int argc, char **argv)
{
	char file[64], line[256] = "";
	int end[2], pid = -1;

	(void)argc, (void)argv;
	if (pipe(end))
		return 2;
	if (!fork()) {
		pid_t orphan = fork();

		if (orphan)
			_exit(write(end[1], &orphan, sizeof(orphan)) < 0);
		_exit(0);
	}
	wait(NULL);
	if (read(end[0], &pid, sizeof(pid)) != sizeof(pid))
		return 2;
	usleep(200 * 1000);
	snprintf(file, sizeof(file), "/proc/%d/stat", pid);
	FILE *f = fopen(file, "re");

	if (f && !fgets(line, sizeof(line), f))
		line[0] = '\0';
	printf("orphan: %s\n", line[0] ? line : "gone");
	return !strstr(line, ") Z ");
}

/* Runs a program that is in no file system. */
static int memfd_exec_run(int argc, char **argv)
{
	char *const args[] = { "probe", "true", NULL }, *const env[] = { NULL };
	int out = (int)syscall(SYS_memfd_create, "probe", 1 /* MFD_CLOEXEC */);
	int in = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	(void)argc, (void)argv;
	while (sendfile(out, in, NULL, 1 << 20) > 0)
		;
	syscall(SYS_execveat, out, "", args, env, AT_EMPTY_PATH);
	return result("execveat", errno);
}

/* --- files --- */

/* Exchanges A and B until killed: for races against who resolves a path twice. */
static int race_run(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (!syscall(SYS_renameat2, AT_FDCWD, argv[1], AT_FDCWD, argv[2], 2 /* RENAME_EXCHANGE */))
		;
	return result("exchange", errno);
}

static int mknod_run(int argc, char **argv)
{
	if (argc != 4)
		return 2;
	dev_t dev = makedev((unsigned)number(argv[2]), (unsigned)number(argv[3]));

	return result("mknod", mknod(argv[1], S_IFCHR | 0666, dev) ? errno : 0);
}

/* open for writing, and no more than that */
static int open_run(int argc, char **argv)
{
	return argc == 2 ? result("open", open(argv[1], O_WRONLY | O_CLOEXEC | O_NOCTTY) < 0 ? errno : 0) : 2;
}

/* Is the mount flag missing? nosuid, nodev, noexec, ro */
static int flag_missing_run(int argc, char **argv)
{
	static const struct { const char *name; unsigned long bit; } flags[] = {
		{ "ro", ST_RDONLY }, { "nosuid", ST_NOSUID }, { "nodev", ST_NODEV }, { "noexec", ST_NOEXEC },
	};
	struct statvfs fs;

	for (size_t i = 0; argc == 3 && i < sizeof(flags) / sizeof(flags[0]); i++)
		if (!strcmp(argv[2], flags[i].name)) {
			if (statvfs(argv[1], &fs))
				return result("statvfs", errno);
			printf("%s is %s%s\n", argv[1], fs.f_flag & flags[i].bit ? "" : "not ", argv[2]);
			return (fs.f_flag & flags[i].bit) != 0;
		}
	return 2;
}

/* --- terminal --- */

/* Pushes a character into the terminal at descriptor 0, for whoever reads from it next. */
static int push_run(int argc, char **argv)
{
	char c = 'x';

	(void)argc, (void)argv;
	return result("TIOCSTI", ioctl(0, TIOCSTI, &c) ? errno : 0);
}

static int tty_run(int argc, char **argv)
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC);

	(void)argc, (void)argv;
	return result("/dev/tty", fd < 0 ? errno : 0);
}

/* --- sockets --- */

static int inet(int argc, char **argv, int (*act)(int, const struct sockaddr *, socklen_t))
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	if (argc != 2)
		return 2;
	to.sin_port = htons((uint16_t)number(argv[1]));
	return result(argv[0], act(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), (struct sockaddr *)&to, sizeof(to)) ? errno : 0);
}

static int bind_run(int argc, char **argv)
{
	return inet(argc, argv, bind);
}

static int connect_run(int argc, char **argv)
{
	return inet(argc, argv, connect);
}

static int abstract_run(int argc, char **argv)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	size_t len = argc == 2 ? strlen(argv[1]) : sizeof(to);

	if (len >= sizeof(to.sun_path))
		return 2;
	memcpy(to.sun_path + 1, argv[1], len);
	len += offsetof(struct sockaddr_un, sun_path) + 1;
	return result("connect", connect(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), (struct sockaddr *)&to, (socklen_t)len) ? errno : 0);
}

static int loopback_run(int argc, char **argv)
{
	struct ifreq lo = { .ifr_name = "lo" };

	(void)argc, (void)argv;
	if (ioctl(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), SIOCGIFFLAGS, &lo))
		return result("lo", errno);
	printf("lo: %s\n", lo.ifr_flags & IFF_UP ? "up" : "down");
	return !(lo.ifr_flags & IFF_UP);
}

/* --- things that processes share by a key --- */

static int shm_run(int argc, char **argv)
{
	int id = argc == 2 ? shmget((key_t)number(argv[1]), 0, 0) : -1;

	if (argc != 2)
		return 2;
	return result("shmat", id < 0 || shmat(id, NULL, 0) == (void *)-1 ? errno : 0);
}

/* A key in the caller's session keyring: "add NAME -- COMMAND..." runs COMMAND in a session that holds it
 * (for the host's side), "find NAME" looks for it. */
static int key_run(int argc, char **argv)
{
	if (argc > 4 && !strcmp(argv[1], "add")) {
		if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 ||
		    syscall(SYS_add_key, "user", argv[2], "secret", 6, KEY_SPEC_SESSION_KEYRING) < 0)
			return result("add_key", errno);
		execvp(argv[4], argv + 4);
		return result("execvp", errno);
	}
	if (argc == 3 && !strcmp(argv[1], "find"))
		return result("keyctl", syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user", argv[2], 0) < 0 ? errno : 0);
	return 2;
}

static int true_run(int argc, char **argv)
{
	(void)argc, (void)argv;
	puts("executed");
	return 0;
}

/* Stays until a signal comes, and says which. */
static int pause_run(int argc, char **argv)
{
	sigset_t all;
	int sig = 0;

	(void)argc, (void)argv;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	puts("ready");
	sigwait(&all, &sig);
	printf("signal %d\n", sig);
	return 0;
}

static _Noreturn int sleep_on(void *unused)
{
	(void)unused;
	for (;;)
		pause();
}

/* The process goes on without its first thread, and is a zombie to whoever looks at that alone. */
static int leaderless_run(int argc, char **argv)
{
	thrd_t other;

	(void)argc;
	(void)argv;
	if (thrd_create(&other, sleep_on, NULL) != thrd_success)
		return 1;
	syscall(SYS_exit, 0);
	return 1;
}

/* What only the process itself can tell of its confinement, a line each, the same on every launch. */
static int report_run(int argc, char **argv)
{
	static const char *const writes[] = { "/file", "/tmp/file", "/etc/file", "/proc/self/timerslack_ns",
					      "/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/sys/kernel/uevent_seqnum",
					      "/dev/null", "/dev/file", "/data/file" };
	static const char *const reads[] = { "/proc/kallsyms", "/proc/interrupts", "/proc/kcore", "/proc/1/environ",
					     "/etc/hosts", "/proc/sys/user/max_user_namespaces" };
	char name[65] = "", data[16];
	int sig = 0;

	gethostname(name, sizeof(name) - 1);
	printf("hostname %s\nargs", name);
	for (int i = 1; i < argc; i++)
		printf(" %s", argv[i]);
	prctl(PR_GET_PDEATHSIG, &sig);
	printf("\nsecurebits %#x\npdeathsig %d\ndumpable %d\n", prctl(PR_GET_SECUREBITS), sig, prctl(PR_GET_DUMPABLE));
	loopback_run(0, NULL);
	for (size_t i = 0; i < sizeof(writes) / sizeof(writes[0]); i++) {
		int fd = open(writes[i], O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);

		printf("write ");
		result(writes[i], fd < 0 ? errno : 0);
		close(fd);
	}
	for (size_t i = 0; i < sizeof(reads) / sizeof(reads[0]); i++) {
		int fd = open(reads[i], O_RDONLY | O_CLOEXEC);
		ssize_t n = fd < 0 ? -errno : read(fd, data, sizeof(data));

		printf("read %s: %zd\n", reads[i], n);
		close(fd);
	}
	for (int fd = 3; fd < 1024; fd++)
		if (fcntl(fd, F_GETFD) == 0)
			printf("descriptor %d\n", fd);
	setuid_run(2, (char *[]){ "setuid", "0" });
	bounding_run(0, NULL);
	tty_run(0, NULL);
	return 0;
}

const struct verb process_verbs[] = {
	{ "report", "[ARG...]", report_run },
	{ "true", "", true_run },
	{ "pause", "", pause_run },
	{ "leaderless", "", leaderless_run },
	{ "uid", "", uid_run },
	{ "setuid", "ID", setuid_run },
	{ "setgid", "ID", setgid_run },
	{ "setgroups", "", setgroups_run },
	{ "bounding", "", bounding_run },
	{ "securebits", "", securebits_run },
	{ "attach", "PID", attach_run },
	{ "zombie", "", zombie_run },
	{ "memfd-exec", "", memfd_exec_run },
	{ "race", "PATH PATH", race_run },
	{ "mknod", "PATH MAJOR MINOR", mknod_run },
	{ "open", "PATH", open_run },
	{ "flag-missing", "PATH ro|nosuid|nodev|noexec", flag_missing_run },
	{ "push", "", push_run },
	{ "tty", "", tty_run },
	{ "bind", "PORT", bind_run },
	{ "connect", "PORT", connect_run },
	{ "abstract", "NAME", abstract_run },
	{ "loopback", "", loopback_run },
	{ "shm", "KEY", shm_run },
	{ "key", "find NAME | add NAME -- COMMAND...", key_run },
	{ 0 },
};
