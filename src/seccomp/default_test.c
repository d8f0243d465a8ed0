/* The shipped profile: what it must never let through, what it must, and that its three forms (JSON, table in
 * the program, documentation) are one. */
#include "../base/cleanup.h"
#include "../base/sys.h"
#include "calls.h"
#include "compile.h"
#include "emulate.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <linux/capability.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <cmocka.h>

enum { ARENA = 64 * 1024 * 1024 };

#define CAP(n) (UINT64_C(1) << CAP_##n)
#define DENIED (SECCOMP_RET_ERRNO | EPERM)
#define ABSENT (SECCOMP_RET_ERRNO | ENOSYS)
#define ALLOWED SECCOMP_RET_ALLOW
#define HIGH_BITS (UINT64_C(0xdeadbeef) << 32)

static void read_text(const char *name, char *text, size_t size)
{
	const char *root = getenv("CASEMATE_SOURCE");
	char path[4096];
	_auto(close_file) FILE *in = NULL;

	snprintf(path, sizeof(path), "%s/profiles/seccomp/%s", root ? root : ".", name);
	in = fopen(path, "re");
	if (!in)
		fail_msg("cannot open %s", path);
	text[fread(text, 1, size - 1, in)] = '\0';
}

static void compile(const struct filter_profile *p, uint64_t caps, uint16_t kernel, struct arena *a, struct sock_fprog *f)
{
	const struct filter_wish w = { .caps = caps, .kernel = kernel };
	struct err e = { .kind = ERR_NONE };

	if (filter_compile(p, &w, a, f, &e) < 0)
		fail_msg("%s: %s", e.path, e.msg);
	assert_null(filter_invalid(f));
}

/* --- one profile in three forms --- */

static void table_is_the_json(void **state)
{
	static char text[PROFILE_BYTES_MAX];
	static const uint16_t kernels[] = { KERNEL(5, 12), KERNEL(6, 1), KERNEL(6, 18) };
	_auto(arena_free) struct arena a = { 0 };
	struct filter_profile p;
	struct err e = { .kind = ERR_NONE };

	(void)state;
	assert_int_equal(arena_init(&a, ARENA), 0);
	read_text("default.json", text, sizeof(text));
	if (filter_parse(text, strlen(text), &a, &p, &e) < 0)
		fail_msg("%s: %s", e.path, e.msg);
	assert_int_equal(filter_default.newest, call_newest());
	p.newest = filter_default.newest;
	for (unsigned cap = 0; cap <= 43; cap++) {
		uint64_t caps = cap < 41 ? UINT64_C(1) << cap : cap == 41 ? 0 : cap == 42 ? UINT64_MAX : 0xa80425fb;

		for (size_t k = 0; k < COUNT(kernels); k++) {
			struct sock_fprog parsed, built;

			compile(&p, caps, kernels[k], &a, &parsed);
			compile(&filter_default, caps, kernels[k], &a, &built);
			assert_int_equal(parsed.len, built.len);
			assert_memory_equal(parsed.filter, built.filter, parsed.len * sizeof(*parsed.filter));
		}
	}
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Sorts, and drops repetitions. */
static size_t unique(char **v, size_t n)
{
	size_t m = 0;

	qsort(v, n, sizeof(*v), by_name);
	for (size_t i = 0; i < n; i++)
		if (m == 0 || strcmp(v[m - 1], v[i]) != 0)
			v[m++] = v[i];
	return m;
}

/* `name` in the first column of a table; each call in one row only. */
static size_t documented(char *text, char **v)
{
	size_t n = 0;

	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		char *end = line[0] == '|' ? strchr(line + 1, '|') : NULL;

		while (end && (line = strchr(line + 1, '`')) && line < end) {
			char *close = strchr(line + 1, '`');

			*close = '\0';
			v[n++] = line + 1;
			line = close;
		}
	}
	return n;
}

static void documentation_is_the_json(void **state)
{
	static char json[PROFILE_BYTES_MAX], text[PROFILE_BYTES_MAX];
	char *named[2048], *described[2048];
	size_t n = 0, m, i, k, rows;
	json_t *root, *rule, *name;

	(void)state;
	read_text("default.json", json, sizeof(json));
	read_text("default.md", text, sizeof(text));
	root = json_loads(json, 0, NULL);
	assert_non_null(root);
	json_array_foreach(json_object_get(root, "syscalls"), i, rule)
		json_array_foreach(json_object_get(rule, "names"), k, name)
			named[n++] = strdup(json_string_value(name));
	rows = documented(text, described);
	char *copies[COUNT(named)];
	size_t all = n;

	memcpy(copies, named, n * sizeof(*named));
	n = unique(named, n);
	m = unique(described, rows);
	assert_int_equal(m, rows);	/* no call has two reasons */
	for (i = 0; i < n && i < m; i++)
		assert_string_equal(named[i], described[i]);
	assert_int_equal(n, m);
	while (all-- > 0)
		free(copies[all]);
	json_decref(root);
}

/* --- what it says --- */

struct row { int nr; uint64_t args[4]; uint64_t caps; uint32_t verdict; };

static const struct row rows[] = {
	/* families: only those that are needed */
	{ SYS_socket, { AF_UNIX, SOCK_STREAM }, 0, ALLOWED },
	{ SYS_socket, { AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 6 }, 0, ALLOWED },
	{ SYS_socket, { AF_INET6, SOCK_DGRAM, 58 }, 0, ALLOWED },
	{ SYS_socket, { HIGH_BITS | AF_INET, HIGH_BITS | SOCK_DGRAM, 17 }, 0, ALLOWED },
	{ SYS_socket, { AF_NETLINK, SOCK_RAW, 0 }, 0, ALLOWED },
	{ SYS_socket, { AF_NETLINK, SOCK_RAW, 12 }, 0, DENIED },
	{ SYS_socket, { AF_NETLINK, SOCK_RAW, 12 }, CAP(NET_ADMIN), ALLOWED },
	{ SYS_socket, { AF_NETLINK, SOCK_RAW, 9 }, CAP(NET_ADMIN), DENIED },
	{ SYS_socket, { 38 /* AF_ALG */, SOCK_SEQPACKET }, UINT64_MAX, DENIED },
	{ SYS_socket, { HIGH_BITS | 38, SOCK_SEQPACKET }, UINT64_MAX, DENIED },
	{ SYS_socket, { 40 /* AF_VSOCK */, SOCK_STREAM }, UINT64_MAX, DENIED },
	{ SYS_socket, { AF_INET, SOCK_STREAM, 132 /* SCTP */ }, 0, DENIED },
	{ SYS_socket, { AF_INET, SOCK_RAW, 1 }, 0, DENIED },
	{ SYS_socket, { AF_INET, SOCK_RAW, 1 }, CAP(NET_RAW), ALLOWED },
	{ SYS_socket, { AF_PACKET, SOCK_RAW }, 0, DENIED },
	{ SYS_socket, { AF_PACKET, SOCK_RAW }, CAP(NET_RAW), ALLOWED },
	{ SYS_socketpair, { AF_UNIX }, 0, ALLOWED }, { SYS_socketpair, { 30 /* AF_TIPC */ }, 0, DENIED },
	/* namespaces */
	{ SYS_clone, { SIGCHLD }, 0, ALLOWED },
	{ SYS_clone, { CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SETTLS }, 0, ALLOWED },
	{ SYS_clone, { CLONE_NEWUSER | SIGCHLD }, UINT64_MAX, DENIED }, { SYS_clone, { CLONE_NEWNS }, UINT64_MAX, DENIED },
	{ SYS_clone, { CLONE_NEWNET }, UINT64_MAX, DENIED }, { SYS_clone, { CLONE_NEWPID }, UINT64_MAX, DENIED },
	{ SYS_clone, { CLONE_NEWIPC }, UINT64_MAX, DENIED }, { SYS_clone, { CLONE_NEWUTS }, UINT64_MAX, DENIED },
	{ SYS_clone, { CLONE_NEWCGROUP }, UINT64_MAX, DENIED }, { SYS_clone3, { 0 }, UINT64_MAX, ABSENT },
	{ SYS_unshare, { 0 }, UINT64_MAX, DENIED }, { SYS_setns, { 0 }, UINT64_MAX, DENIED },
	/* typing into the terminal */
	{ SYS_ioctl, { 0, TIOCSTI }, UINT64_MAX, DENIED }, { SYS_ioctl, { 0, HIGH_BITS | TIOCSTI }, UINT64_MAX, DENIED },
	{ SYS_ioctl, { 0, UINT64_C(1) << 32 | TIOCSTI }, UINT64_MAX, DENIED },
	{ SYS_ioctl, { 0, TIOCLINUX }, UINT64_MAX, DENIED }, { SYS_ioctl, { 0, HIGH_BITS | TIOCLINUX }, UINT64_MAX, DENIED },
	{ SYS_ioctl, { 0, TIOCGWINSZ }, 0, ALLOWED }, { SYS_ioctl, { 0, TCGETS }, 0, ALLOWED },
	{ SYS_ioctl, { 0, FIONBIO }, 0, ALLOWED }, { SYS_ioctl, { 0, FIONREAD }, 0, ALLOWED },
	{ SYS_ioctl, { 0, TIOCSPGRP }, 0, ALLOWED }, { SYS_ioctl, { 0, TIOCGPTN }, 0, ALLOWED },
	/* modes */
	{ SYS_fchmod, { 3, 0755 }, 0, ALLOWED }, { SYS_fchmod, { 3, 01777 }, 0, ALLOWED },
	{ SYS_fchmod, { 3, 04755 }, UINT64_MAX, DENIED }, { SYS_fchmod, { 3, 02755 }, UINT64_MAX, DENIED },
	{ SYS_fchmodat, { 3, 0, 0644 }, 0, ALLOWED }, { SYS_fchmodat, { 3, 0, 04644 }, UINT64_MAX, DENIED },
	{ 452 /* fchmodat2 */, { 3, 0, 0644 }, 0, ALLOWED }, { 452, { 3, 0, 04644 }, UINT64_MAX, DENIED },
	{ SYS_mkdirat, { 3, 0, 0755 }, 0, ALLOWED }, { SYS_mkdirat, { 3, 0, 02755 }, UINT64_MAX, DENIED },
	{ SYS_openat, { 3, 0, O_RDONLY, 06755 }, 0, ALLOWED },	/* without O_CREAT that is no mode */
	{ SYS_openat, { 3, 0, O_RDWR | O_CREAT, 0644 }, 0, ALLOWED },
	{ SYS_openat, { 3, 0, O_RDWR | O_CREAT, 04755 }, UINT64_MAX, DENIED },
	{ SYS_openat, { 3, 0, HIGH_BITS | O_WRONLY | O_CREAT, HIGH_BITS | 02755 }, UINT64_MAX, DENIED },
	{ SYS_openat, { 3, 0, O_RDWR | O_TMPFILE, 04755 }, UINT64_MAX, DENIED },
	{ SYS_openat2, { 3 }, UINT64_MAX, ABSENT },
	{ SYS_mknodat, { 3, 0, S_IFIFO | 0644 }, 0, ALLOWED }, { SYS_mknodat, { 3, 0, 0644 }, 0, ALLOWED },
	{ SYS_mknodat, { 3, 0, S_IFREG | 04755 }, UINT64_MAX, DENIED }, { SYS_mknodat, { 3, 0, S_IFCHR | 0666 }, 0, DENIED },
	{ SYS_mknodat, { 3, 0, S_IFCHR | 0666 }, CAP(MKNOD), ALLOWED }, { SYS_mknodat, { 3, 0, S_IFBLK | 04666 }, CAP(MKNOD), DENIED },
#ifdef __x86_64__
	{ SYS_chmod, { 0, 04755 }, UINT64_MAX, DENIED }, { SYS_chmod, { 0, 0755 }, 0, ALLOWED },
	{ SYS_creat, { 0, 02755 }, UINT64_MAX, DENIED }, { SYS_creat, { 0, 0644 }, 0, ALLOWED },
	{ SYS_mkdir, { 0, 04755 }, UINT64_MAX, DENIED }, { SYS_open, { 0, O_CREAT, 04755 }, UINT64_MAX, DENIED },
	{ SYS_open, { 0, O_CREAT | O_TRUNC | O_WRONLY, 0666 }, 0, ALLOWED }, { SYS_open, { 0, O_RDONLY, 04755 }, 0, ALLOWED },
	{ SYS_mknod, { 0, S_IFIFO | 0600 }, 0, ALLOWED }, { SYS_mknod, { 0, S_IFSOCK | 0600 }, UINT64_MAX, DENIED },
	{ SYS_iopl, { 3 }, UINT64_MAX, DENIED }, { SYS_ioperm, { 0 }, UINT64_MAX, DENIED }, { SYS_modify_ldt, { 0 }, UINT64_MAX, DENIED },
	{ 335 /* uretprobe */, { 0 }, 0, ALLOWED },
#endif
	{ SYS_memfd_create, { 0, 1 }, UINT64_MAX, DENIED }, { SYS_memfd_create, { 0, 8 | 1 }, 0, ALLOWED },
	{ SYS_personality, { 0 }, 0, ALLOWED }, { SYS_personality, { UINT32_MAX }, 0, ALLOWED },
	{ SYS_personality, { 0x0400000 /* READ_IMPLIES_EXEC */ }, UINT64_MAX, DENIED },
	{ SYS_personality, { 0x0040000 /* ADDR_NO_RANDOMIZE */ }, UINT64_MAX, DENIED },
	/* capabilities bring back their own, and no more */
	{ SYS_chroot, { 0 }, 0, DENIED }, { SYS_chroot, { 0 }, CAP(SYS_CHROOT), ALLOWED },
	{ SYS_setgroups, { 0 }, 0, DENIED }, { SYS_setgroups, { 0 }, CAP(SETGID), ALLOWED },
	{ SYS_clock_settime, { 0 }, 0, DENIED }, { SYS_clock_settime, { 0 }, CAP(SYS_TIME), ALLOWED },
	{ SYS_mbind, { 0 }, CAP(SYS_ADMIN), DENIED }, { SYS_mbind, { 0 }, CAP(SYS_NICE), ALLOWED },
	/* new to the profile */
	{ 472, { 0 }, UINT64_MAX, ABSENT }, { 1000, { 0 }, UINT64_MAX, ABSENT }, { 425 /* io_uring_setup */, { 0 }, UINT64_MAX, ABSENT },
};

static void verdicts(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		_auto(arena_free) struct arena a = { 0 };
		struct seccomp_data d = { .nr = rows[i].nr, .arch = CALL_ARCH };
		struct sock_fprog f;
		uint32_t got;

		memcpy(d.args, rows[i].args, sizeof(rows[i].args));
		assert_int_equal(arena_init(&a, ARENA), 0);
		compile(&filter_default, rows[i].caps, KERNEL(6, 1), &a, &f);
		got = filter_emulate(&f, &d, NULL);
		if (got != rows[i].verdict)
			fail_msg("row %zu: call %d (%llx, %llx, %llx, %llx): want %x, got %x", i, d.nr, d.args[0], d.args[1],
				 d.args[2], d.args[3], rows[i].verdict, got);
	}
}

/* Whatever the capabilities and the arguments. */
static void never(void **state)
{
	static const char *const names[] = {
		"bpf", "userfaultfd", "perf_event_open", "keyctl", "add_key", "request_key", "ptrace", "process_vm_readv",
		"process_vm_writev", "process_madvise", "kcmp", "pidfd_getfd", "unshare", "setns", "mount", "umount2", "pivot_root",
		"fsopen", "fsconfig", "fsmount", "fspick", "open_tree", "open_tree_attr", "move_mount", "mount_setattr", "statmount",
		"listmount", "listns", "name_to_handle_at", "open_by_handle_at", "quotactl", "quotactl_fd", "swapon", "swapoff", "reboot",
		"kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module", "acct", "syslog", "lookup_dcookie",
		"nfsservctl", "vhangup", "sethostname", "setdomainname", "fanotify_init", "vmsplice", "memfd_secret", "move_pages",
		"migrate_pages", "remap_file_pages", "msgsnd", "semop", "lsm_set_self_attr", "file_setattr", "io_submit",
	};
	_auto(arena_free) struct arena a = { 0 };
	struct sock_fprog f;

	(void)state;
	assert_int_equal(arena_init(&a, ARENA), 0);
	compile(&filter_default, UINT64_MAX, KERNEL(255, 255), &a, &f);
	for (size_t i = 0; i < COUNT(names); i++) {
		int nr = call_number(names[i]);
		struct seccomp_data d = { .nr = nr, .arch = CALL_ARCH };

		assert_int_not_equal(nr, CALL_UNKNOWN);
		if (nr < 0)
			continue;
		for (unsigned bits = 0; bits < 64; bits++) {
			for (size_t k = 0; k < COUNT(d.args); k++)
				d.args[k] = bits & 1u << k ? UINT64_MAX : 0;
			if ((filter_emulate(&f, &d, NULL) & SECCOMP_RET_ACTION_FULL) != SECCOMP_RET_ERRNO)
				fail_msg("%s is let through", names[i]);
		}
	}
}

/* The number to beat is docker's with hardening flags: 252 calls let through with some arguments. */
static void how_many(void **state)
{
	const struct filter_wish w = { .kernel = KERNEL(6, 1) };
	unsigned n = 0;

	(void)state;
	for (unsigned nr = 0; nr < CALL_MAX; nr++)
		n += filter_allows(&filter_default, &w, nr);
	printf("%u system calls allowed without capabilities\n", n);
	assert_in_range(n, 150, 225);
}

/* --- the kernel's opinion --- */

static int attempts(void)
{
	static char z[1];
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct { long got; int want; } t[] = {
		{ fd < 0 ? -errno : 0, 0 },
		{ syscall(SYS_socket, 38, SOCK_SEQPACKET, 0) < 0 ? -errno : 0, -EPERM },
		{ syscall(SYS_ioctl, -1, (1UL << 32) | TIOCSTI, z) < 0 ? -errno : 0, -EPERM },
		{ syscall(SYS_ioctl, -1, FIONREAD, z) < 0 ? -errno : 0, -EBADF },
		{ syscall(SYS_clone3, NULL, 0) < 0 ? -errno : 0, -ENOSYS },
		{ syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0) < 0 ? -errno : 0, -EPERM },
		{ syscall(SYS_fchmod, -1, 04755) < 0 ? -errno : 0, -EPERM },
		{ syscall(SYS_fchmod, -1, 0755) < 0 ? -errno : 0, -EBADF },
		{ syscall(SYS_openat, -1, z, O_CREAT | O_RDWR, 04755) < 0 ? -errno : 0, -EPERM },
		{ syscall(SYS_openat, -1, z, O_RDONLY, 04755) < 0 ? -errno : 0, -ENOENT },
		{ syscall(SYS_unshare, 0) < 0 ? -errno : 0, -EPERM },
		{ syscall(SYS_getxattr, NULL, NULL, NULL, 0) < 0 ? -errno : 0, -EOPNOTSUPP },
		{ syscall(900) < 0 ? -errno : 0, -ENOSYS },
		{ syscall(-1) < 0 ? -errno : 0, -ENOSYS },
	};

	for (size_t i = 0; i < COUNT(t); i++)
		if (t[i].got != t[i].want)
			return 100 + (int)i;
	return 0;
}

static int under_filter(const struct sock_fprog *f, int (*act)(void))
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		if (sys_prctl(&sys_kernel, 38 /* PR_SET_NO_NEW_PRIVS */, 1, 0, 0) < 0 ||
		    sys_seccomp_load(&sys_kernel, f, SECCOMP_FILTER_FLAG_LOG) < 0)
			_exit(99);
		_exit(act());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

#ifdef __x86_64__
static int x32(void)
{
	return syscall(CALL_X32 | SYS_getpid) > 0 ? 1 : 0;
}

static int int80(void)
{
	long r = 20;	/* getpid of i386 */

	__asm__ volatile("int $0x80" : "+a"(r) : : "memory");
	return 0;
}
#endif

static void kernel_agrees(void **state)
{
	_auto(arena_free) struct arena a = { 0 };
	struct sock_fprog f;
	int status;

	(void)state;
	assert_int_equal(arena_init(&a, ARENA), 0);
	compile(&filter_default, 0, KERNEL(6, 1), &a, &f);
	status = under_filter(&f, attempts);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
#ifdef __x86_64__
	status = under_filter(&f, x32);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
	status = under_filter(&f, int80);
	assert_true(WIFSIGNALED(status) && (WTERMSIG(status) == SIGSYS || WTERMSIG(status) == SIGSEGV));	/* SEGV: no 32-bit entry */
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_is_the_json), cmocka_unit_test(documentation_is_the_json), cmocka_unit_test(verdicts),
		cmocka_unit_test(never), cmocka_unit_test(how_many), cmocka_unit_test(kernel_agrees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
