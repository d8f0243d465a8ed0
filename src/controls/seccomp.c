/* seccomp.c - which system calls there are: profile to filter, by the parent; one call in the child; and the
 * filters of our own two processes, which need far less than any workload.
 *
 * exec_once: seccomp cannot count, so "the first execve and no other" has to be told by its arguments. It is not enough to
 * allow execveat() of one descriptor that nobody can have again: an absolute path makes the kernel ignore the
 * descriptor, and a filter cannot read paths (execveat(2)). What the workload cannot have again is knowledge.
 * argv and envp are put at random addresses, 43 random bits each on x86_64, and execve() is let through with exactly
 * these two pointers; when the program starts, its address space is new and the pointers are in none of it. They
 * remain in the supervisor and in PID 1, neither of which can be read from inside: one is in another pid
 * namespace, the other not dumpable. Guesses cost a system call each and are not told apart. */
#include "seccomp.h"
#include "../base/procfs.h"
#include "../seccomp/compile.h"
#include "../seccomp/json.h"
#include "../seccomp/profile.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

/* What each of our own processes does once it waits; anything else is EPERM. */
static const uint16_t init_calls[] = {
	SYS_rt_sigtimedwait, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_restart_syscall, SYS_wait4, SYS_waitid, SYS_kill,
	SYS_getpid, SYS_read, SYS_recvfrom, SYS_write, SYS_sendto, SYS_close, SYS_ppoll, SYS_clock_gettime, SYS_exit_group,
#ifdef SYS_poll
	SYS_poll,
#endif
};

/* Who connects to a port and says how that went: launch/checker.c. */
static const uint16_t checker_calls[] = {
	SYS_recvfrom, SYS_sendto, SYS_socket, SYS_connect, SYS_ppoll, SYS_getsockopt, SYS_close, SYS_rt_sigreturn, SYS_restart_syscall,
	SYS_exit_group,
};

static const uint16_t supervisor_calls[] = {
	/* waiting, signals, the last word of PID 1 */
	SYS_rt_sigtimedwait, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_rt_sigaction, SYS_restart_syscall, SYS_waitid, SYS_wait4,
	SYS_pidfd_send_signal, SYS_recvfrom, SYS_sendto, SYS_ppoll, SYS_clock_gettime, SYS_clock_nanosleep, SYS_nanosleep,
	/* cgroup files, the state directory, the record; Landlock says which */
	SYS_openat, SYS_openat2, SYS_read, SYS_pread64, SYS_write, SYS_pwrite64, SYS_writev, SYS_close, SYS_lseek, SYS_fstat, SYS_newfstatat, SYS_statx,
	SYS_getdents64, SYS_unlinkat, SYS_fcntl, SYS_flock, SYS_fsync,
	/* the C library; sigaltstack for the sanitizers, which get no filter of their own */
	SYS_sigaltstack, SYS_brk, SYS_mmap, SYS_munmap, SYS_mremap, SYS_madvise, SYS_futex, SYS_getrandom, SYS_getpid, SYS_exit, SYS_exit_group,
#ifdef SYS_poll
	SYS_poll,
#endif
#ifdef SYS_unlink
	SYS_unlink, SYS_rmdir,
#endif
};

/* --- the profile --- */

/* Errors of a profile name the place in it: below our own key when it is inline, behind the file's name when not. */
static int locate(const struct policy *p, struct err *e)
{
	const struct err inner = *e;
	const char *file = p->seccomp.profile;

	e->path[0] = '\0';
	if (p->seccomp.inline_json)
		return err_at(e, "/seccomp/profile%s", inner.path);
	if (file[0] == '/')
		err_set(e, inner.kind, inner.sys, inner.hint, "%s: %s%s%s", file, inner.path, inner.path[0] ? ": " : "", inner.msg);
	return err_at(e, "/seccomp/profile");
}

static int read_profile(const char *path, struct arena *a, struct filter_profile *ret, struct err *e)
{
	/* Not to be blocked by a FIFO, nor to become a terminal's master. */
	_auto(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	char *text;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_set(e, ERR_HOST, errno, NULL, "cannot open the seccomp profile");
	if (!S_ISREG(st.st_mode) || st.st_size > PROFILE_BYTES_MAX)
		return err_set(e, ERR_POLICY, 0, NULL, "a seccomp profile is a regular file of at most %d bytes", PROFILE_BYTES_MAX);
	text = arena_alloc(a, PROFILE_BYTES_MAX + 1);
	n = text ? read(fd, text, PROFILE_BYTES_MAX + 1) : -1;
	if (n < 0)
		return err_set(e, ERR_HOST, errno, NULL, "cannot read the seccomp profile");
	return filter_parse(text, (size_t)n, a, ret, e);
}

static int load(const struct policy *p, struct arena *a, struct filter_profile *ret, struct err *e)
{
	const char *json = p->seccomp.inline_json;

	if (json)
		return filter_parse(json, strlen(json), a, ret, e);
	if (strcmp(p->seccomp.profile, "default") != 0)
		return read_profile(p->seccomp.profile, a, ret, e);
	*ret = filter_default;
	return 0;
}

int seccomp_profile(const struct policy *p, struct arena *a, struct filter_profile *ret, struct err *e)
{
	return load(p, a, ret, e) < 0 ? locate(p, e) : 0;
}

uint16_t seccomp_kernel(void)
{
	unsigned major = 0, minor = 0;
	struct utsname u;

	if (uname(&u) < 0 || sscanf(u.release, "%3u.%3u", &major, &minor) != 2)
		return KERNEL(0, 0);	/* a rule that needs a kernel does not apply */
	return KERNEL(major < 255 ? major : 255, minor < 255 ? minor : 255);
}

static struct filter_wish wish(const struct policy *p)
{
	return (struct filter_wish){ .caps = p->capabilities, .kernel = seccomp_kernel(), .deny = (enum seccomp_deny)p->seccomp.deny };
}

static int make(const struct policy *p, const struct filter_once *once, struct arena *a, struct filter_profile *profile,
		struct sock_fprog *filter, struct err *e)
{
	struct filter_wish w = wish(p);

	w.once = once;
	if (load(p, a, profile, e) < 0 || filter_compile(profile, &w, a, filter, e) < 0)
		return locate(p, e);
	if (!once && !filter_allows(profile, &w, SYS_execve)) {
		err_set(e, ERR_POLICY, 0, "allow execve, or set exec_once", "the profile denies execve, by which the program is started");
		return locate(p, e);
	}
	return 0;
}

json_t *seccomp_json(const struct policy *p, struct err *e)
{
	const struct filter_once unknown = { 0 };
	struct filter_wish w = wish(p);
	_auto(arena_free) struct arena a = { 0 };
	struct filter_profile profile;
	struct sock_fprog filter;
	json_t *ret = NULL;

	w.once = p->exec_once ? &unknown : NULL;
	if (arena_init(&a, 16 * PROFILE_BYTES_MAX) < 0)
		err_set(e, ERR_HOST, ENOMEM, NULL, "cannot hold the seccomp profile");
	else if (make(p, w.once, &a, &profile, &filter, e) == 0 && !(ret = filter_json(&profile, &w, e)))
		(void)!locate(p, e);
	return ret;
}

static bool logs_calls(const struct filter_profile *p)
{
	for (size_t i = 0; i < p->n_rules; i++)
		if (p->rules[i].action == SECCOMP_RET_LOG)
			return true;
	return false;
}

/* What a profile that can be loaded still gets wrong. */
static void check_profile(const struct filter_profile *profile, const struct filter_wish *w, const struct findings *f)
{
	static const struct { unsigned nr; const char *rule, *msg; } wanted[] = {
		{ SYS_exit_group, "seccomp.exit_group", "the profile denies exit_group: no program can end in order" },
		{ SYS_rt_sigreturn, "seccomp.rt_sigreturn", "the profile denies rt_sigreturn: no program survives a signal handler" },
	};
	static const char at[] = "/seccomp/profile";

	for (size_t i = 0; i < COUNT(wanted); i++)
		if (!filter_allows(profile, w, wanted[i].nr))
			report(f, wanted[i].rule, SEV_WARNING, at, wanted[i].msg, NULL);
	if (profile->default_action == SECCOMP_RET_ALLOW || profile->default_action == SECCOMP_RET_LOG)
		report(f, "seccomp.default_allow", SEV_WARNING, at, "the profile allows every call that it does not name",
		       "a profile should deny by default: each new kernel brings new calls");
	if (logs_calls(profile))
		report(f, "seccomp.logged", SEV_WARNING, at, "some calls are only logged, which allows them",
		       "SCMP_ACT_ALLOW or SCMP_ACT_ERRNO");
	if (profile->foreign)
		report(f, "seccomp.foreign", SEV_NOTE, at, "the profile lists a second ABI: it is killed all the same",
		       "leave it out of \"architectures\"");
}

static void check(const struct policy *p, const struct findings *f)
{
	const struct filter_once unknown = { 0 };
	const struct filter_wish w = wish(p);
	struct filter_profile profile;
	struct err e = { .kind = ERR_NONE };
	struct sock_fprog filter;
	struct arena a;

	if (p->exec_once && p->init && p->capabilities >> CAP_SYS_PTRACE & 1)
		report(f, "exec_once.ptrace", SEV_ERROR, "/exec_once", "CAP_SYS_PTRACE lets the workload read PID 1, which can execute",
			"give up one of the two");
	if (arena_init(&a, 16 * PROFILE_BYTES_MAX) < 0)
		return;
	if (make(p, p->exec_once ? &unknown : NULL, &a, &profile, &filter, &e) < 0) {
		/* The file may well be on another machine; the launch will not be so kind. */
		const bool elsewhere = e.kind == ERR_HOST;

		report(f, elsewhere ? "seccomp.unread" : "seccomp.invalid", elsewhere ? SEV_WARNING : SEV_ERROR, e.path, e.msg,
		       e.hint[0] ? e.hint : NULL);
	} else {
		check_profile(&profile, &w, f);
	}
	arena_free(&a);
}

/* --- exec_once --- */

/* A copy of an argv or envp, read-only, where nobody would guess. */
static const char *const *hide(const char *const *v)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	const unsigned bits = 63 - (unsigned)__builtin_clzll((uintptr_t)&page);	/* the stack ends where user space does */
	size_t n = 0, size;
	uint64_t at;

	while (v[n++])
		;
	size = page + n * sizeof(*v);
	for (unsigned attempt = 0; attempt < 64; attempt++) {
		if (getrandom(&at, sizeof(at), 0) != sizeof(at))
			return NULL;
		at &= ((UINT64_C(1) << bits) - 1) & ~(uint64_t)(sizeof(*v) - 1);
		char *want = (char *)(uintptr_t)(at & ~(uint64_t)(page - 1));
		/* MAP_FIXED_NOREPLACE: what is there stays (EEXIST), and so does the low end that nobody may map. */
		char *got = mmap(want, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

		if (got == MAP_FAILED)
			continue;
		memcpy((void *)(uintptr_t)at, v, n * sizeof(*v));
		return mprotect(got, size, PROT_READ) == 0 ? (const char *const *)(uintptr_t)at : NULL;
	}
	return NULL;
}

/* The vectors never come back: they live as long as the plan, that is, until we exit. */
static int hide_vectors(struct plan *plan, struct filter_once *once, struct err *e)
{
	plan->argv = hide(plan->argv);
	plan->envp = plan->argv ? hide(plan->envp) : NULL;
	if (!plan->envp) {
		err_set(e, ERR_HOST, errno, NULL, "cannot hide the arguments of the one execve");
		return err_at(e, "/exec_once");
	}
	*once = (struct filter_once){ (uintptr_t)plan->argv, (uintptr_t)plan->envp };
	return 0;
}

/* --- verbs --- */

/* Ours grows by what this launch asks of its supervisor, and by nothing else. */
static int supervisor_filter(const struct policy *p, struct plan *plan, struct arena *a, struct err *e)
{
	bool secrets = p->n_secrets > 0;
	const struct { bool asked; uint16_t call; } more[] = {
		{ plan->notify, SYS_recvmsg },	/* who sent it, and what came along */
		{ secrets, SYS_accept4 }, { secrets, SYS_getsockopt }, { secrets, SYS_sendmsg },	/* hands their directory out */
	};
	uint16_t calls[COUNT(supervisor_calls) + COUNT(more)];
	size_t n = COUNT(supervisor_calls);

	memcpy(calls, supervisor_calls, sizeof(supervisor_calls));
	for (size_t i = 0; i < COUNT(more); i++)
		if (more[i].asked)
			calls[n++] = more[i].call;
	return filter_allowlist(calls, n, SECCOMP_RET_ERRNO | EPERM, a, &plan->supervisor_filter, e);
}

static int prepare(const struct policy *p, struct plan *plan, struct arena *a, struct err *e)
{
	struct filter_profile profile;
	struct filter_once once;

	if (waived(plan, CONTROL_seccomp))
		return 0;
	if (p->exec_once && hide_vectors(plan, &once, e) < 0)
		return -1;
	if (make(p, p->exec_once ? &once : NULL, a, &profile, &plan->filter, e) < 0 ||
	    filter_allowlist(init_calls, COUNT(init_calls), SECCOMP_RET_ERRNO | EPERM, a, &plan->init_filter, e) < 0 ||
	    supervisor_filter(p, plan, a, e) < 0 ||
	    (p->healthcheck.tcp &&
	     filter_allowlist(checker_calls, COUNT(checker_calls), SECCOMP_RET_ERRNO | EPERM, a, &plan->checker_filter, e) < 0))
		return -1;
	/* Denials in the log are how one learns why a program fails; every kernel we support knows the flag (4.14). */
	plan->filter_flags = SECCOMP_FILTER_FLAG_LOG;
	return 0;
}

static int apply(const struct launch *l, const struct sock_fprog *filter, unsigned more, const char *whose, struct err *e)
{
	int r = waived(l->plan, CONTROL_seccomp) ? 0 : sys_seccomp_load(l->sys, filter, l->plan->filter_flags | more);

	if (r < 0)
		return err_set(e, ERR_LAUNCH, r, r == -EINVAL ? "the kernel needs CONFIG_SECCOMP_FILTER; `casemate doctor` knows" :
			       r == -EACCES ? "needs no_new_privs" : NULL, "cannot load the seccomp filter of %s", whose);
	return 0;
}

int seccomp_apply(struct launch *l, struct err *e)
{
	/* The listener is close-on-exec; launch/listener.c has taken it by then. */
	return apply(l, &l->plan->filter, l->plan->listener ? SECCOMP_FILTER_FLAG_NEW_LISTENER : 0, "the workload", e);
}

int seccomp_init_apply(struct launch *l, struct err *e)
{
	return apply(l, &l->plan->init_filter, 0, "PID 1", e);
}

int seccomp_checker_apply(const struct launch *l, struct err *e)
{
	return apply(l, &l->plan->checker_filter, 0, "the health check", e);
}

int seccomp_supervisor_apply(const struct launch *l, struct err *e)
{
	return apply(l, &l->plan->supervisor_filter, 0, "the supervisor", e);
}

/* SECCOMP_MODE_DEAD, 5.17: the filter has killed it already. */
enum { MODE_DEAD = 3 };

static int verify(const struct plan *plan, struct target *t, char value[VALUE_MAX], struct err *e)
{
	uint64_t mode = 0, filters = 0;

	(void)plan;
	if (proc_numbers(t->status, "Seccomp", &mode, 1) != 1 || (mode != SECCOMP_MODE_FILTER && mode != MODE_DEAD))
		return err_set(e, ERR_LAUNCH, 0, NULL, "no system call filter: Seccomp is %u, not %u", (unsigned)mode, SECCOMP_MODE_FILTER);
	if (proc_numbers(t->status, "Seccomp_filters", &filters, 1) != 1 || filters == 0)
		return err_set(e, ERR_LAUNCH, 0, NULL, "the kernel counts no system call filter");
	snprintf(value, VALUE_MAX, "filter mode, %u filter%s", (unsigned)filters, filters == 1 ? "" : "s");
	return 0;
}

static void probe(const struct sys *k, struct ability *a)
{
	static const char file[] = "/proc/sys/kernel/seccomp/actions_avail";
	char actions[VALUE_MAX - 32];
	ssize_t n;
	/* Flags are looked at before the filter: EFAULT says that they are known. */
	int r = sys_seccomp_load(k, NULL, SECCOMP_FILTER_FLAG_LOG);

	a->usable = r == -EFAULT;
	if (!a->usable) {
		snprintf(a->detail, sizeof(a->detail), "the kernel refuses filters: %s", strerror(r < 0 ? -r : EINVAL));
		snprintf(a->hint, sizeof(a->hint), "a kernel with CONFIG_SECCOMP_FILTER");
		return;
	}
	n = sys_read_file(k, AT_FDCWD, file, actions, sizeof(actions));
	if (n > 0)
		actions[strcspn(actions, "\n")] = '\0';
	snprintf(a->detail, sizeof(a->detail), "filters, logged; %s", n > 0 ? actions : "actions unknown");
}

const struct control control_seccomp = {
	.protects = "the kernel, by leaving out the calls that a service does not need",
	.late = true, .check = check, .prepare = prepare, .verify = verify, .probe = probe,
};
