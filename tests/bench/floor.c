/* floor.c - the kernel's own price of a container: what no launcher can go below.
 *
 *	floor [--bare] [--cgroup DIR] [--apparmor PROFILE] [--bind SOURCE:TARGET]... [--env NAME=VALUE]... ROOTFS PROGRAM [ARG...]
 *	floor --filter		the seccomp filter as bytes, for launchers that take one
 *
 * The same kernel work as a launch of casemate's default policy, with everything known beforehand:
 * raw system calls, a constant filter, nothing parsed, nothing looked up, nothing read back. `--bare` leaves out
 * the masks, /sys, /dev/shm, mqueue, devpts, the files of /etc, Landlock, the time namespace, PID 1 and
 * what keeps the caller out of reach, down to what every container launcher does.
 *
 * It is a yardstick and no launcher: it believes the kernel and protects nobody. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/keyctl.h>
#include <linux/landlock.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <linux/securebits.h>
#include <net/if.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "filters.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define ID 10001
#define MAP "10001 10001 1\n"
#define HARD (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)
#define NODE (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC)
#define RO MOUNT_ATTR_RDONLY
enum { BINDS_MAX = 64, ENV_MAX = 256, CAPS = 41, LANDLOCK_EXECUTE = 1, LANDLOCK_DEVICE = 0x8002, LANDLOCK_WRITE = 0x77b2,
       LANDLOCK_ALL = 0xfff3 };

struct wish {
	bool bare;
	const char *cgroup, *apparmor, *rootfs;
	char *const *argv;
	struct { const char *source, *target; int tree; } bind[BINDS_MAX];
	size_t n_binds;
	char *env[ENV_MAX + 2];
	size_t n_env;
};

/* What the parent has made for the child, all of it detached. */
struct made {
	int root, dev, tmp, pts, shm, files, ruleset, node[8], go[2];
	uint64_t handled;	/* by the ruleset */
};

static const char *const nodes[] = { "null", "zero", "full", "random", "urandom", "tty" };
static const unsigned majors[] = { 1, 1, 1, 1, 1, 5 }, minors[] = { 3, 5, 7, 8, 9, 0 };

#define must(call) must_be((long)(call), #call)

static long must_be(long r, const char *what)
{
	if (r < 0) {
		dprintf(2, "floor: %s: %m\n", what);
		_exit(125);
	}
	return r;
}

/* --- mounts --- */

static int new_fs(const char *type, unsigned attrs, const char *const (*options)[2])
{
	int fs = (int)must(syscall(SYS_fsopen, type, FSOPEN_CLOEXEC)), tree;

	for (; options && (*options)[0]; options++)
		must(syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, (*options)[0], (*options)[1], 0));
	must(syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
	tree = (int)must(syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, attrs));
	close(fs);
	return tree;
}

static void set_attrs(int tree, uint64_t attrs, unsigned flags)
{
	const struct mount_attr a = { .attr_set = attrs, .propagation = MS_PRIVATE };

	must(syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | flags, &a, sizeof(a)));
}

static int copy(int dir, const char *path, uint64_t attrs, unsigned flags)
{
	int tree = (int)must(syscall(SYS_open_tree, dir, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | flags));

	if (attrs)
		set_attrs(tree, attrs, flags);
	return tree;
}

static void attach(int tree, int dir, const char *path)
{
	must(syscall(SYS_move_mount, tree, "", dir, path, MOVE_MOUNT_F_EMPTY_PATH));
}

static void attach_and_close(int tree, int dir, const char *path)
{
	attach(tree, dir, path);
	close(tree);
}

/* --- the parent --- */

static void make_dev(const struct wish *w, struct made *m)
{
	static const char *const options[][2] = { { "size", "65536" }, { "nr_inodes", "1024" }, { "mode", "755" }, { NULL } };
	static const char *const links[][2] = { { "/proc/self/fd", "fd" }, { "/proc/self/fd/0", "stdin" },
						{ "/proc/self/fd/1", "stdout" }, { "/proc/self/fd/2", "stderr" },
						{ "pts/ptmx", "ptmx" } };
	char path[32];

	m->dev = new_fs("tmpfs", NODE, options);
	for (size_t i = 0; i < COUNT(nodes); i++) {
		if (w->bare) {
			must(mknodat(m->dev, nodes[i], S_IFCHR | 0666, makedev(majors[i], minors[i])));
			continue;
		}
		must(mknodat(m->dev, nodes[i], S_IFREG | 0444, 0));
		snprintf(path, sizeof(path), "/dev/%s", nodes[i]);
		m->node[i] = copy(AT_FDCWD, path, NODE, 0);
	}
	for (size_t i = 0; i < COUNT(links) - w->bare; i++)
		must(symlinkat(links[i][0], m->dev, links[i][1]));
	for (size_t i = 0; i < 3 && !w->bare; i++)
		must(mkdirat(m->dev, (const char *const[]){ "pts", "shm", "mqueue" }[i], 0755));
	set_attrs(m->dev, RO | NODE, 0);
}

static void make_files(struct made *m)
{
	static const char *const options[][2] = { { "size", "262144" }, { "nr_inodes", "64" }, { "mode", "755" }, { NULL } };
	static const char *const text[][2] = { { "empty", "" }, { "hosts", "127.0.0.1 localhost\n::1 localhost\n127.0.0.1 box\n" },
					       { "hostname", "box\n" }, { "resolv.conf", "" } };

	m->files = new_fs("tmpfs", 0, options);
	must(mkdirat(m->files, "empty.d", 0555));
	for (size_t i = 0; i < COUNT(text); i++) {
		int fd = (int)must(openat(m->files, text[i][0], O_CREAT | O_WRONLY | O_CLOEXEC, 0444));

		must(write(fd, text[i][1], strlen(text[i][1])));
		close(fd);
	}
	set_attrs(m->files, RO | HARD, 0);
}

static void add_rule(const struct made *m, int fd, uint64_t access)
{
	const struct landlock_path_beneath_attr rule = { .allowed_access = access & m->handled, .parent_fd = fd };

	must(syscall(SYS_landlock_add_rule, m->ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0));
}

static void make_ruleset(struct made *m)
{
	long abi = must(syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION));
	const uint64_t known = abi < 2 ? 0x1fff : abi < 3 ? 0x3fff : abi < 5 ? 0x7fff : 0xffff;
	const uint64_t attr[3] = { LANDLOCK_ALL & known, 0, abi < 6 ? 0 : 3 };	/* files, ports, scopes */
	int bin = (int)must(openat(m->root, "bin", O_PATH | O_CLOEXEC));

	m->handled = attr[0];
	m->ruleset = (int)must(syscall(SYS_landlock_create_ruleset, attr, sizeof(attr), 0));
	add_rule(m, bin, LANDLOCK_EXECUTE);
	close(bin);
	add_rule(m, m->tmp, LANDLOCK_WRITE);
	add_rule(m, m->shm, LANDLOCK_WRITE);
	add_rule(m, m->pts, LANDLOCK_DEVICE);
	for (size_t i = 0; i < COUNT(nodes); i++)
		add_rule(m, m->node[i], LANDLOCK_DEVICE);
}

static void make_trees(struct wish *w, struct made *m)
{
	static const char *const tmp[][2] = { { "size", "67108864" }, { "mode", "1777" }, { NULL } };
	static const char *const pts[][2] = { { "ptmxmode", "0666" }, { "mode", "0620" }, { NULL } };

	m->root = copy(AT_FDCWD, w->rootfs, RO | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, AT_RECURSIVE);
	m->tmp = new_fs("tmpfs", HARD, tmp);
	make_dev(w, m);
	for (size_t i = 0; i < w->n_binds; i++)
		w->bind[i].tree = copy(AT_FDCWD, w->bind[i].source, RO | HARD, AT_RECURSIVE);
	if (w->bare)
		return;
	make_files(m);
	m->pts = new_fs("devpts", NODE, pts);
	m->shm = new_fs("tmpfs", HARD, tmp);
	make_ruleset(m);
}

static void write_file(int dir, const char *path, const char *text)
{
	int fd = (int)must(openat(dir, path, O_WRONLY | O_CLOEXEC));

	must_be(write(fd, text, strlen(text)), path);
	close(fd);
}

static int make_cgroup(const char *dir, char path[128])
{
	static const char *const limits[][2] = { { "memory.max", "536870912" }, { "memory.high", "max" },
						 { "memory.swap.max", "0" }, { "memory.oom.group", "1" }, { "cpu.max", "100000 100000" },
						 { "cpu.weight", "100" }, { "pids.max", "256" } };
	int fd;

	snprintf(path, 128, "%s/floor-%d", dir, getpid());
	must(mkdir(path, 0755));
	fd = (int)must(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	for (size_t i = 0; i < COUNT(limits); i++)
		write_file(fd, limits[i][0], limits[i][1]);
	return fd;
}

/* --- the child --- */

static void loopback_up(void)
{
	struct ifreq req = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = (int)must(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));

	must(ioctl(fd, SIOCSIFFLAGS, &req));
	close(fd);
}

static void mask(const struct made *m)
{
	static const char *const hidden[] = { "proc/acpi", "proc/asound", "proc/scsi", "proc/interrupts", "proc/kcore", "proc/keys",
					      "proc/key-users", "proc/kallsyms", "proc/kmsg", "proc/latency_stats",
					      "proc/timer_list", "proc/sched_debug", "sys/firmware",
					      "sys/devices/virtual/powercap" };
	static const char *const read_only[] = { "proc/bus", "proc/fs", "proc/irq", "proc/sys", "proc/sysrq-trigger" };
	struct stat st;

	for (size_t i = 0; i < COUNT(hidden); i++)
		if (fstatat(m->root, hidden[i], &st, 0) == 0)
			attach_and_close(copy(m->files, S_ISDIR(st.st_mode) ? "empty.d" : "empty", 0, 0), m->root, hidden[i]);
	for (size_t i = 0; i < COUNT(read_only); i++)
		if (faccessat(m->root, read_only[i], F_OK, 0) == 0)
			attach_and_close(copy(m->root, read_only[i], RO | HARD, AT_RECURSIVE), m->root, read_only[i]);
}

static void mount_all(const struct wish *w, const struct made *m)
{
	static const char *const files[][2] = { { "hosts", "etc/hosts" }, { "hostname", "etc/hostname" },
						{ "resolv.conf", "etc/resolv.conf" } };
	char path[32];

	must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	if (!w->bare)
		attach(m->files, AT_FDCWD, "/proc");
	attach(m->root, AT_FDCWD, "/");
	attach(m->dev, m->root, "dev");
	attach(m->tmp, m->root, "tmp");
	attach_and_close(new_fs("proc", HARD, NULL), m->root, "proc");
	for (size_t i = 0; i < w->n_binds; i++)
		attach(w->bind[i].tree, m->root, w->bind[i].target + 1);
	if (w->bare)
		return;
	for (size_t i = 0; i < COUNT(nodes); i++) {
		snprintf(path, sizeof(path), "dev/%s", nodes[i]);
		attach(m->node[i], m->root, path);
	}
	attach(m->pts, m->root, "dev/pts");
	attach(m->shm, m->root, "dev/shm");
	attach_and_close(new_fs("mqueue", HARD, NULL), m->root, "dev/mqueue");
	attach_and_close(new_fs("sysfs", RO | HARD, NULL), m->root, "sys");
	if (w->cgroup)
		attach_and_close(new_fs("cgroup2", RO | HARD, NULL), m->root, "sys/fs/cgroup");
	for (size_t i = 0; i < COUNT(files); i++)
		attach_and_close(copy(m->files, files[i][0], 0, 0), m->root, files[i][1]);
	write_file(m->root, "proc/sys/user/max_user_namespaces", "0");
	mask(m);
}

static void leave_host_root(const struct made *m)
{
	must(fchdir(m->root));
	must(syscall(SYS_pivot_root, ".", "."));
	must(umount2(".", MNT_DETACH));
	must(chdir("/"));
}

static void limit(void)
{
	static const struct { int resource; rlim_t value; } rows[] = {
		{ RLIMIT_NOFILE, 1024 }, { RLIMIT_NPROC, 4096 }, { RLIMIT_CORE, 0 }, { RLIMIT_FSIZE, RLIM_INFINITY },
		{ RLIMIT_MEMLOCK, 64 << 10 }, { RLIMIT_STACK, 8 << 20 }, { RLIMIT_AS, RLIM_INFINITY },
		{ RLIMIT_CPU, RLIM_INFINITY }, { RLIMIT_MSGQUEUE, 819200 }, { RLIMIT_SIGPENDING, 1024 }, { RLIMIT_RTPRIO, 0 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct rlimit both = { rows[i].value, rows[i].value };

		(void)setrlimit((__rlimit_resource_t)rows[i].resource, &both);	/* more than ours: EPERM, and ours it is */
	}
}

static void drop_privileges(bool bare)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	const struct __user_cap_data_struct none[2] = { 0 };

	if (!bare)
		must(prctl(PR_SET_SECUREBITS, SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |
			   SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE |
			   SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED, 0, 0, 0));
	for (unsigned long c = 0; c < CAPS; c++)
		must(prctl(PR_CAPBSET_DROP, c, 0, 0, 0));
	must(syscall(SYS_setgroups, 0, NULL));
	must(syscall(SYS_setresgid, ID, ID, ID));
	must(syscall(SYS_setresuid, ID, ID, ID));
	must(syscall(SYS_capset, &head, none));
	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
}

static void load(const struct sock_filter *insn, size_t n)
{
	const struct sock_fprog prog = { (unsigned short)n, (struct sock_filter *)(uintptr_t)insn };

	must(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_LOG, &prog));
}

static int exit_code(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* PID 1 stays behind and reaps; the workload goes on. */
static void fork_from_init(void)
{
	struct clone_args args = { .exit_signal = SIGCHLD };
	long pid = must(syscall(SYS_clone3, &args, sizeof(args)));
	int status;

	if (pid == 0)
		return;
	must(syscall(SYS_close_range, 0, ~0U, 0));
	load(init_filter, COUNT(init_filter));
	while (syscall(SYS_wait4, -1, &status, 0, NULL) != pid)
		;
	_exit(exit_code(status));
}

static void change_profile_on_exec(const char *profile)
{
	char command[128];

	snprintf(command, sizeof(command), "exec %s", profile);
	write_file(AT_FDCWD, "/proc/self/attr/apparmor/exec", command);
}

static void isolate(void)
{
	must(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0));
	must(prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0));
	must(setsid());
	must(syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL));
}

static _Noreturn void child(const struct wish *w, const struct made *m)
{
	char go;

	must(read(m->go[1], &go, 1));
	if (!w->bare)
		isolate();
	must(sethostname("box", 3));
	loopback_up();
	mount_all(w, m);
	leave_host_root(m);
	if (w->apparmor)
		change_profile_on_exec(w->apparmor);
	if (!w->bare)
		limit();
	drop_privileges(w->bare);
	if (!w->bare) {
		must(prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0));	/* the new ids cleared it */
		must(syscall(SYS_landlock_restrict_self, m->ruleset, 0));
		fork_from_init();
	}
	must(syscall(SYS_close_range, 3, ~0U, 0));
	load(workload_filter, COUNT(workload_filter));
	syscall(SYS_execve, w->argv[0], w->argv, w->env);
	_exit(126);
}

/* --- a launch --- */

static int launch(struct wish *w)
{
	struct made m;
	struct clone_args args = {
		.flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNET | CLONE_NEWCGROUP |
			 (w->bare ? 0 : CLONE_NEWTIME),
		.exit_signal = SIGCHLD,
	};
	char cgroup[128], path[48];
	int status, leaf = -1;
	long pid;

	umask(0);
	if (w->cgroup) {
		leaf = make_cgroup(w->cgroup, cgroup);
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)leaf;
	}
	make_trees(w, &m);
	must(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, m.go));
	pid = must(syscall(SYS_clone3, &args, sizeof(args)));
	if (pid == 0)
		child(w, &m);
	snprintf(path, sizeof(path), "/proc/%ld/uid_map", pid);
	write_file(AT_FDCWD, path, MAP);
	snprintf(path, sizeof(path), "/proc/%ld/gid_map", pid);
	write_file(AT_FDCWD, path, MAP);
	must(write(m.go[0], "g", 1));
	must(syscall(SYS_close_range, 3, ~0U, 0));
	must(syscall(SYS_wait4, pid, &status, 0, NULL));
	if (leaf >= 0)
		must(rmdir(cgroup));
	return exit_code(status);
}

static void add_bind(struct wish *w, char *arg)
{
	char *colon = strchr(arg, ':');

	if (!colon || w->n_binds == BINDS_MAX)
		_exit(125);
	*colon = '\0';
	w->bind[w->n_binds].source = arg;
	w->bind[w->n_binds++].target = colon + 1;
}

int main(int argc, char **argv)
{
	static struct wish w = { .env = { "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" }, .n_env = 1 };
	int i = 1;

	for (; i + 1 < argc && argv[i][0] == '-'; i++) {
		if (strcmp(argv[i], "--bare") == 0)
			w.bare = true;
		else if (strcmp(argv[i], "--cgroup") == 0)
			w.cgroup = argv[++i];
		else if (strcmp(argv[i], "--apparmor") == 0)
			w.apparmor = argv[++i];
		else if (strcmp(argv[i], "--bind") == 0)
			add_bind(&w, argv[++i]);
		else if (strcmp(argv[i], "--env") == 0 && w.n_env <= ENV_MAX)
			w.env[w.n_env++] = argv[++i];
		else
			return 125;
	}
	if (argc == 2 && strcmp(argv[1], "--filter") == 0)
		return write(1, workload_filter, sizeof(workload_filter)) != sizeof(workload_filter);
	if (i + 2 > argc)
		return dprintf(2, "usage: see floor.c\n"), 125;
	w.rootfs = argv[i];
	w.argv = argv + i + 1;
	return launch(&w);
}
