/* landlock_test.c - the ruleset on the real kernel: a small container of detached trees, entered by a
 * child, and what it may then do. Needs root or unprivileged user namespaces, and Landlock. */
#include "landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <cmocka.h>

/* A directory on tmpfs with the top of a Debian root, and the mounts of a typical plan. */
enum { M_DEV, M_NULL, M_ZERO, M_SHM, M_PROC, M_TMP, M_RUN, M_OPT, M_PLUGINS, M_HOSTS, M_COUNT };

static const struct device_policy devices[] = { { "/dev/zero", true, false } };

static const struct plan_mount mounts[M_COUNT] = {
	[M_DEV] = { .kind = PLAN_TMPFS, .target = "/dev", .below = -1,
		    .attrs = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NODEV },
	[M_NULL] = { .kind = PLAN_DEVICE, .target = "/dev/null", .below = M_DEV, .attrs = MOUNT_ATTR_NOEXEC },
	[M_ZERO] = { .kind = PLAN_DEVICE, .target = "/dev/zero", .below = M_DEV, .attrs = MOUNT_ATTR_NOEXEC },
	[M_SHM] = { .kind = PLAN_TMPFS, .target = "/dev/shm", .below = M_DEV,
		    .attrs = MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NODEV },
	[M_PROC] = { .kind = PLAN_PROC, .target = "/proc", .below = -1, .attrs = MOUNT_ATTR_NOEXEC },
	[M_TMP] = { .kind = PLAN_TMPFS, .target = "/tmp", .below = -1,
		    .attrs = MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NODEV },
	[M_RUN] = { .kind = PLAN_TMPFS, .target = "/run/app", .below = -1,
		    .attrs = MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NODEV },
	[M_OPT] = { .kind = PLAN_TMPFS, .target = "/opt", .below = -1, .attrs = MOUNT_ATTR_NODEV },
	[M_PLUGINS] = { .kind = PLAN_TMPFS, .target = "/opt/data", .below = M_OPT,
			.attrs = MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NODEV },
	[M_HOSTS] = { .kind = PLAN_FILE, .target = "/etc/hosts", .below = -1,
		      .attrs = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOEXEC },
};

static const char *const dirs[] = {
	"bin", "boot", "dev", "etc", "etc/nginx", "home", "lib", "media", "mnt", "opt", "proc", "root", "run",
	"run/app", "run/other", "srv", "sys", "tmp", "usr", "usr/bin", "var", "var/lib", "var/cache",
};
/* Junk with an execute bit: execve says ENOEXEC where it may, EACCES where it may not. */
static const char *const programs[] = { "bin/prog", "top", "run/other/prog", "var/lib/prog", "usr/bin/prog" };

enum { CHILD_BROKEN = 254 };

struct fixture {
	struct launch l;
	struct plan plan;
	int tree[M_COUNT], target[M_COUNT];
	char base[64];
	unsigned calls;
	struct sys counter;
};

static long counted(void *ctx, long nr, const unsigned long a[6])
{
	++*(unsigned *)ctx;
	return sys_kernel.call(sys_kernel.ctx, nr, a);
}

/* In a child cmocka's asserts would go on with the next test; this ends it. */
static void need(bool condition)
{
	if (!condition)
		_exit(CHILD_BROKEN);
}

static void put(int dir, const char *path)
{
	int fd = openat(dir, path, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);

	need(fd >= 0);
	need(write(fd, "junk\n", 5) == 5);
	close(fd);
}

static int fresh_tmpfs(void)
{
	int fs = sys_fsopen(&sys_kernel, "tmpfs"), fd;

	need(fs >= 0);
	need(sys_fsconfig(&sys_kernel, fs, FSCONFIG_CMD_CREATE, NULL, NULL) == 0);
	fd = sys_fsmount(&sys_kernel, fs, 0);
	need(fd >= 0);
	close(fs);
	return fd;
}

static void bind_device(struct fixture *f, int i, const char *path)
{
	int dev = openat(f->tree[M_DEV], path + strlen("/dev/"), O_CREAT | O_CLOEXEC, 0444);

	close(dev);
	f->tree[i] = sys_open_tree(&sys_kernel, AT_FDCWD, path, OPEN_TREE_CLONE);
	need(f->tree[i] >= 0);
}

static void find_target(struct fixture *f, int i)
{
	int below = mounts[i].below, where = below < 0 ? f->l.rootfs : f->tree[below];
	size_t skip = below < 0 ? 1 : strlen(mounts[below].target) + 1;

	f->target[i] = openat(where, mounts[i].target + skip, O_PATH | O_CLOEXEC);
	need(f->target[i] >= 0);
}

/* Everything the parent holds before it builds the ruleset. */
static void prepare_trees(struct fixture *f)
{
	int root = fresh_tmpfs();

	for (size_t i = 0; i < COUNT(dirs); i++)
		need(mkdirat(root, dirs[i], 0755) == 0);
	for (size_t i = 0; i < COUNT(programs); i++)
		put(root, programs[i]);
	put(root, "etc/hosts");
	need(symlinkat("/run", root, "var/run") == 0);
	need(symlinkat("usr/bin", root, "sbin") == 0);
	f->l.rootfs = root;
	for (int i = 0; i < M_COUNT; i++) {
		f->tree[i] = mounts[i].kind == PLAN_TMPFS ? fresh_tmpfs() : -1;
		if (i > M_DEV && f->tree[i] >= 0)
			put(f->tree[i], "prog");
	}
	bind_device(f, M_NULL, "/dev/null");
	bind_device(f, M_ZERO, "/dev/zero");
	mkdirat(f->tree[M_DEV], "shm", 0755);
	mkdirat(f->tree[M_OPT], "data", 0755);
	for (int i = 0; i < M_COUNT; i++)
		find_target(f, i);
}

static void write_map(const char *file, const char *text)
{
	need(sys_write_file(&sys_kernel, AT_FDCWD, file, text) == 0);
}

static void enter_namespaces(void)
{
	char uid[32], gid[32];

	snprintf(uid, sizeof(uid), "0 %u 1", geteuid());
	snprintf(gid, sizeof(gid), "0 %u 1", getegid());
	need(unshare(CLONE_NEWNS | (geteuid() ? CLONE_NEWUSER : 0)) == 0);
	if (strncmp(uid, "0 0 ", 4) == 0)
		return;
	write_map("/proc/self/setgroups", "deny");
	write_map("/proc/self/uid_map", uid);
	write_map("/proc/self/gid_map", gid);
}

/* The child's moves: every tree onto its target, the root last of all by an fd. */
static void move_trees(struct fixture *f)
{
	need(sys_move_mount(&sys_kernel, f->l.rootfs, AT_FDCWD, f->base) == 0);
	for (int i = 0; i < M_COUNT; i++)
		if (f->tree[i] >= 0)
			need(sys_move_mount(&sys_kernel, f->tree[i], f->target[i], "") == 0);
}

static void start(struct fixture *f)
{
	memset(f, 0, sizeof(*f));
	f->counter = (struct sys){ counted, &f->calls };
	f->plan.mounts = mounts;
	f->plan.n_mounts = M_COUNT;
	f->plan.devices = devices;
	f->plan.n_devices = COUNT(devices);
	f->plan.network = NETWORK_HOST;
	f->l.plan = &f->plan;
	f->l.sys = &f->counter;
	f->l.tree = f->tree;
	f->l.target = f->target;
	f->l.ruleset = -1;
	f->l.proc = open("/proc", O_PATH | O_CLOEXEC);
	snprintf(f->base, sizeof(f->base), "/tmp/landlock-test-XXXXXX");
	assert_non_null(mkdtemp(f->base));
}

/* A policy with every weakening off becomes the plan's masks the way the launcher does it. */
static void plan_from(struct fixture *f, bool listen, const uint64_t *port)
{
	struct network_policy net = { .restrict_listen = listen, .listen = { port, 1 } };
	struct policy p = { .landlock = true, .network = net };
	struct err e = { 0 };

	assert_int_equal(control_landlock.prepare(&p, &f->plan, NULL, &e), 0);
}

/* Runs `body` in a child that has a container about it and the ruleset on it. The body returns the number
 * of the line that was not as it should be, or 0. */
static int inside_without(uint64_t without, bool listen, int (*body)(struct fixture *))
{
	struct fixture f;
	uint64_t port = 18080;
	struct err e = { 0 };
	int status = -1;
	pid_t pid;

	start(&f);
	f.plan.without = without;
	plan_from(&f, listen, &port);
	pid = fork();
	if (pid == 0) {
		enter_namespaces();
		prepare_trees(&f);
		need(landlock_open(&f.l, &e) == 0);
		move_trees(&f);
		need(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && chdir(f.base) == 0);
		need(landlock_apply(&f.l, &e) == 0);
		_exit(body(&f));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	rmdir(f.base);
	close(f.l.proc);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int inside(bool listen, int (*body)(struct fixture *))
{
	return inside_without(0, listen, body);
}

static int open_errno(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static int exec_errno(const char *path)
{
	char *const argv[] = { (char *)path, NULL };

	execve(path, argv, argv + 1);
	return errno;
}

/* Tells the parent which expectation failed. */
#define MUST(row, condition) do { if (!(condition)) return (row); } while (0)

static int try_writes(struct fixture *f)
{
	(void)f;
	MUST(1, open_errno("tmp/new", O_CREAT | O_RDWR) == 0);
	MUST(2, open_errno("tmp/prog", O_WRONLY | O_TRUNC) == 0);
	MUST(3, mkdir("tmp/d", 0700) == 0 && rename("tmp/new", "tmp/d/new") == 0);
	MUST(4, symlink("x", "tmp/l") == 0 && mkfifo("tmp/f", 0600) == 0);
	MUST(5, unlink("tmp/l") == 0 && unlink("tmp/d/new") == 0 && rmdir("tmp/d") == 0);
	MUST(6, open_errno("dev/shm/new", O_CREAT | O_RDWR) == 0);
	MUST(7, open_errno("run/app/new", O_CREAT | O_RDWR) == 0);
	MUST(8, open_errno("opt/data/new", O_CREAT | O_RDWR) == 0);
	/* Root's own tmpfs is writable here: only Landlock keeps it as it is. */
	MUST(9, open_errno("etc/new", O_CREAT | O_RDWR) == EACCES);
	MUST(10, open_errno("bin/prog", O_WRONLY) == EACCES);
	MUST(11, truncate("bin/prog", 0) < 0 && errno == EACCES);
	MUST(12, mkdir("run/d", 0700) < 0 && errno == EACCES);
	MUST(13, unlink("usr/bin/prog") < 0 && errno == EACCES);
	MUST(14, rename("etc/nginx", "etc/n") < 0 && errno == EACCES);
	MUST(15, symlink("x", "l") < 0 && errno == EACCES);
	MUST(16, link("bin/prog", "tmp/linked") < 0 && (errno == EXDEV || errno == EACCES));
	MUST(17, open_errno("dev/new", O_CREAT | O_RDWR) == EACCES);
	MUST(18, open_errno("/tmp", O_TMPFILE | O_RDWR) == EACCES);
	MUST(19, mknod("tmp/c", S_IFCHR | 0600, (dev_t)0x103) < 0 && (errno == EACCES || errno == EPERM));
	/* Reading is not Landlock's business. */
	MUST(20, open_errno("etc/hosts", O_RDONLY) == 0);
	return 0;
}

static int try_devices(struct fixture *f)
{
	int fd = open("dev/null", O_RDWR | O_CLOEXEC);

	(void)f;
	MUST(1, fd >= 0 && write(fd, "x", 1) == 1);
	MUST(2, open_errno("dev/null", O_WRONLY | O_TRUNC) == 0);
	MUST(3, open_errno("dev/zero", O_RDONLY) == 0);
	MUST(4, open_errno("dev/zero", O_RDWR) == EACCES);	/* the policy says read only */
	return 0;
}

static int try_executes(struct fixture *f)
{
	static const struct { const char *path; int want; } rows[] = {
		{ "bin/prog", ENOEXEC },	{ "top", ENOEXEC },		{ "sbin/prog", ENOEXEC },
		{ "run/other/prog", ENOEXEC },	{ "var/lib/prog", ENOEXEC },	{ "usr/bin/prog", ENOEXEC },
		{ "opt/prog", ENOEXEC },
		{ "tmp/prog", EACCES },		{ "run/app/prog", EACCES },	{ "dev/shm/prog", EACCES },
		{ "opt/data/prog", EACCES },	{ "/bin/true", EACCES },
	};

	(void)f;
	/* tmp/prog and the others are on mounts that do allow execution: noexec is not set here. */
	for (size_t i = 0; i < COUNT(rows); i++)
		MUST((int)i + 1, exec_errno(rows[i].path) == rows[i].want);
	return 0;
}

static int bind_port(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	_auto(close_fd) int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int on = 1;

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	return bind(fd, (void *)&a, sizeof(a)) < 0 ? errno : 0;
}

static int try_ports(struct fixture *f)
{
	if (f->l.landlock_abi < 4)
		return 250;
	MUST(1, bind_port(18080) == 0);
	MUST(2, bind_port(18081) == EACCES);
	return 0;
}

static int try_free_ports(struct fixture *f)
{
	(void)f;
	MUST(1, bind_port(18081) == 0);
	return 0;
}

static int try_scopes(struct fixture *f)
{
	MUST(1, f->l.landlock_abi >= 6);
	MUST(2, kill(getppid(), 0) < 0 && errno == EPERM);
	MUST(3, kill(getpid(), 0) == 0);
	return 0;
}

static int try_probe(struct fixture *f)
{
	struct err e = { 0 };

	MUST(1, landlock_verify_inside(&f->l, &e) == 0);
	return 0;
}

static void writes_only_where_declared(void **s)
{
	(void)s;
	assert_int_equal(inside(false, try_writes), 0);
}

static void devices_as_the_policy_says(void **s)
{
	(void)s;
	assert_int_equal(inside(false, try_devices), 0);
}

static void executes_beneath_the_root_alone(void **s)
{
	(void)s;
	assert_int_equal(inside(false, try_executes), 0);
}

static void ports(void **s)
{
	(void)s;
	assert_int_equal(inside(true, try_ports), 0);
	assert_int_equal(inside(false, try_free_ports), 0);
}

static void signals_stay_in_the_domain(void **s)
{
	(void)s;
	assert_int_equal(inside(false, try_scopes), 0);
}

static void the_probe_sees_the_domain_and_its_absence(void **s)
{
	struct fixture f;
	struct err e = { 0 };

	(void)s;
	assert_int_equal(inside(false, try_probe), 0);
	start(&f);
	plan_from(&f, false, NULL);
	assert_int_equal(landlock_verify_inside(&f.l, &e), -1);
	assert_int_equal(e.kind, ERR_LAUNCH);
	rmdir(f.base);
	close(f.l.proc);
}

/* mounts_open() refuses such a target; should it ever not, the walk does. */
static void a_mount_behind_a_link_is_noticed(void **s)
{
	static const struct plan_mount behind = { .kind = PLAN_TMPFS, .target = "/var/run/app", .below = -1,
						  .attrs = MOUNT_ATTR_NOEXEC };
	struct fixture f;
	struct err e = { 0 };
	int status;
	pid_t pid;

	(void)s;
	start(&f);
	plan_from(&f, false, NULL);
	pid = fork();
	if (pid == 0) {
		enter_namespaces();
		prepare_trees(&f);
		f.plan.mounts = &behind;
		f.plan.n_mounts = 1;
		need(landlock_open(&f.l, &e) == -1);
		_exit(strstr(e.msg, "0 of 1 mounts") ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	rmdir(f.base);
	close(f.l.proc);
}

static int try_writable_root(struct fixture *f)
{
	(void)f;
	MUST(1, open_errno("etc/new", O_CREAT | O_RDWR) == 0);
	MUST(2, exec_errno("bin/prog") == ENOEXEC);
	return 0;
}

static void a_waived_rootfs_is_writable(void **s)
{
	(void)s;
	assert_int_equal(inside_without(CONTROL_BIT(CONTROL_rootfs), false, try_writable_root), 0);
}

/* --- older kernels, by a gate that answers as they do --- */

struct old_kernel { long version; unsigned long fs, net, scoped; };

static long old_call(void *ctx, long nr, const unsigned long a[6])
{
	struct old_kernel *k = ctx;
	const uint64_t *attr = (const uint64_t *)a[0];

	if (nr != SYS_landlock_create_ruleset)
		return nr == SYS_landlock_add_rule ? 0 : -ENOSYS;
	if (a[2] == 1)
		return k->version;
	k->fs = attr[0];
	k->net = attr[1];
	k->scoped = attr[2];
	return 3;
}

static int open_on(struct old_kernel *k, enum network_mode network, bool listen, struct err *e)
{
	struct sys gate = { old_call, k };
	struct plan plan = { .network = network };
	struct launch l = { .plan = &plan, .sys = &gate, .rootfs = 3 };
	struct policy p = { .landlock = true, .network = { .restrict_listen = listen } };

	assert_int_equal(control_landlock.prepare(&p, &plan, NULL, e), 0);
	return landlock_open(&l, e);
}

static void asks_an_old_kernel_for_what_it_knows(void **s)
{
	/* Rights by ABI, from the kernel's own table (Documentation/userspace-api/landlock.rst). */
	static const struct { long abi; unsigned long fs, scoped; } rows[] = {
		{ 1, 0x1ff3, 0 }, { 2, 0x3ff3, 0 }, { 3, 0x7ff3, 0 }, { 4, 0x7ff3, 0 }, { 5, 0xfff3, 0 },
		{ 6, 0xfff3, 3 }, { 7, 0xfff3, 3 },
	};

	(void)s;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct old_kernel k = { .version = rows[i].abi };
		struct err e = { 0 };

		assert_int_equal(open_on(&k, NETWORK_NONE, true, &e), 0);
		assert_int_equal(k.fs, rows[i].fs);
		assert_int_equal(k.net, rows[i].abi < 4 ? 0 : 1);
		assert_int_equal(k.scoped, rows[i].scoped);
	}
}

static void refuses_what_the_kernel_cannot(void **s)
{
	static const struct { long version; const char *hint; } rows[] = {
		{ -ENOSYS, "5.13" }, { -EOPNOTSUPP, "lsm=" }, { 0, "5.13" },
	};
	struct old_kernel k = { .version = 3 };
	struct err e = { 0 };

	(void)s;
	assert_int_equal(open_on(&k, NETWORK_HOST, true, &e), -1);
	assert_int_equal(e.kind, ERR_HOST);
	assert_string_equal(e.path, "/network/listen");
	assert_int_equal(open_on(&k, NETWORK_HOST, false, &e), 0);
	for (size_t i = 0; i < COUNT(rows); i++) {
		e = (struct err){ 0 };
		k.version = rows[i].version;
		assert_int_equal(open_on(&k, NETWORK_NONE, false, &e), -1);
		assert_int_equal(e.kind, ERR_HOST);
		assert_non_null(strstr(e.hint, rows[i].hint));
		assert_non_null(strstr(e.hint, "--without landlock"));
	}
}

static void off_or_waived_makes_no_call(void **s)
{
	struct policy off = { .landlock = false }, on = { .landlock = true };
	struct fixture f;
	struct err e = { 0 };

	(void)s;
	start(&f);
	assert_int_equal(control_landlock.prepare(&off, &f.plan, NULL, &e), 0);
	assert_int_equal(f.plan.landlock_fs, 0);
	f.plan.without = CONTROL_BIT(CONTROL_landlock);
	assert_int_equal(control_landlock.prepare(&on, &f.plan, NULL, &e), 0);
	assert_int_equal(landlock_open(&f.l, &e), 0);
	assert_int_equal(landlock_apply(&f.l, &e), 0);
	assert_int_equal(landlock_verify_inside(&f.l, &e), 0);
	assert_int_equal(f.calls, 0);
	rmdir(f.base);
	close(f.l.proc);
}

static void count(void *ctx, const struct finding *f)
{
	assert_string_equal(f->pointer, "/landlock");
	((int *)ctx)[f->severity]++;
}

static void check_names_the_weakening(void **s)
{
	int found[2] = { 0 };
	struct findings f = { count, found };
	struct policy p = { .landlock = true, .network = { .restrict_connect = true } };

	(void)s;
	control_landlock.check(&p, &f);
	assert_int_equal(found[SEV_WARNING] + found[SEV_ERROR], 0);
	p.landlock = false;	/* and with it the ports, which the policy does ask for */
	control_landlock.check(&p, &f);
	assert_int_equal(found[SEV_WARNING], 1);
	assert_int_equal(found[SEV_ERROR], 1);
	p.network.restrict_connect = false;
	control_landlock.check(&p, &f);
	assert_int_equal(found[SEV_ERROR], 1);
}

/* A launch pays this each time: bounded by the entries of "/" and of the ways to mounts. */
static void cheap(void **s)
{
	struct fixture f;
	struct err e = { 0 };
	struct timespec a, b;
	int status;
	pid_t pid;

	(void)s;
	start(&f);
	plan_from(&f, false, NULL);
	pid = fork();
	if (pid == 0) {
		enter_namespaces();
		prepare_trees(&f);
		for (int i = 0; i < 3; i++) {
			f.calls = 0;
			clock_gettime(CLOCK_MONOTONIC, &a);
			need(landlock_open(&f.l, &e) == 0);
			clock_gettime(CLOCK_MONOTONIC, &b);
		}
		print_message("landlock_open: %u calls, %ld us\n", f.calls,
			      (b.tv_sec - a.tv_sec) * 1000000 + (b.tv_nsec - a.tv_nsec) / 1000);
		_exit(f.calls > 100);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	rmdir(f.base);
	close(f.l.proc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_only_where_declared),
		cmocka_unit_test(devices_as_the_policy_says),
		cmocka_unit_test(executes_beneath_the_root_alone),
		cmocka_unit_test(ports),
		cmocka_unit_test(signals_stay_in_the_domain),
		cmocka_unit_test(the_probe_sees_the_domain_and_its_absence),
		cmocka_unit_test(a_mount_behind_a_link_is_noticed),
		cmocka_unit_test(a_waived_rootfs_is_writable),
		cmocka_unit_test(asks_an_old_kernel_for_what_it_knows),
		cmocka_unit_test(refuses_what_the_kernel_cannot),
		cmocka_unit_test(off_or_waived_makes_no_call),
		cmocka_unit_test(check_names_the_weakening),
		cmocka_unit_test(cheap),
	};

	return cmocka_run_group_tests_name("landlock", tests, NULL, NULL);
}
