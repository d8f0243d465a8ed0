/* process.c - session, keyring, working directory, descriptors, no_new_privs: what a process
 * would inherit from the launcher's caller, one small call each. */
#include "process.h"
#include "../base/procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

/* --- closed to ptrace and /proc/PID/fd --- */

/* While the container's processes could reach the launcher's memory or descriptors (CVE-2016-9962).
 * Not earlier: it makes root the owner of /proc/PID/uid_map, and an ordinary user could not write it. */
int undumpable_apply(struct launch *l, struct err *e)
{
	int r = sys_prctl(l->sys, PR_SET_DUMPABLE, 0, 0, 0);

	if (r >= 0)
		r = sys_prctl(l->sys, PR_GET_DUMPABLE, 0, 0, 0);
	return r != 0 ? err_set(e, ERR_LAUNCH, r < 0 ? r : 0, NULL, "cannot close the launcher to ptrace") : 0;
}

/* --- dies with its supervisor --- */

/* Set twice in the order: the kernel clears it when ids change (PR_SET_PDEATHSIG(2const)). That
 * the supervisor died just before is noticed when READY finds nobody to hear it. */
int pdeathsig_apply(struct launch *l, struct err *e)
{
	int sig = 0, r;

	if (l->plan->outlives)
		return 0;
	r = sys_prctl(l->sys, PR_SET_PDEATHSIG, SIGKILL, 0, 0);
	if (r >= 0)
		r = sys_prctl(l->sys, PR_GET_PDEATHSIG, (unsigned long)&sig, 0, 0);
	if (r < 0 || sig != SIGKILL)
		return err_set(e, ERR_LAUNCH, r, NULL, "cannot tie the container's life to the supervisor's");
	return 0;
}

/* --- standard input, output and error --- */

/* The three that the workload keeps. A directory among them would be a way into the host's tree (compare CVE-2024-21626). */
int stdio_check(struct launch *l, struct err *e)
{
	struct statx st;

	for (int fd = 0; fd < 3; fd++) {
		int r = sys_statx(l->sys, fd, "", AT_EMPTY_PATH, STATX_TYPE, &st);

		if (r < 0 || S_ISDIR(st.stx_mode))
			return err_set(e, ERR_USAGE, r, "redirect it to a file, a pipe or /dev/null",
				       "descriptor %d is %s", fd, r < 0 ? "not open" : "a directory of the host");
	}
	return 0;
}

/* Programs open /dev/stderr, which is /proc/self/fd/2 and asks for the rights of what is there. Only what has no name may be given away:
 * a file could be anybody's (CVE-2026-88265). Not to be allowed to, in a user namespace, is no failure. */
int stdio_own(struct launch *l, struct err *e)
{
	enum { PIPEFS = 0x50495045, SOCKFS = 0x534f434b };	/* linux/magic.h */
	struct statfs fs;

	(void)e;
	for (int fd = 0; l->plan->owns_stdio && fd < 3; fd++)
		if (sys_fstatfs(l->sys, fd, &fs) >= 0 && (fs.f_type == PIPEFS || fs.f_type == SOCKFS))
			(void)!sys_fchown(l->sys, fd, l->plan->uid, (gid_t)-1);
	return 0;
}

/* --- session and keyring --- */

/* A session of its own keeps TIOCSTI and job control away from the caller's terminal
 * (CVE-2017-5226); a keyring of its own keeps the caller's keys out. */
int session_apply(struct launch *l, struct err *e)
{
	int r = sys_setsid(l->sys);

	if (r < 0)
		return err_set(e, ERR_LAUNCH, r, NULL, "cannot start a session");
	r = l->plan->keep_keyring ? 0 : sys_keyctl_join(l->sys);
	if (r < 0 && r != -ENOSYS)	/* without CONFIG_KEYS there is no keyring to leave */
		return err_set(e, ERR_LAUNCH, r, "raise kernel.keys.maxkeys", "cannot start a session keyring");
	return 0;
}

/* PID 1 leads the session; its child, the workload, is in it. /proc/self/stat, field 6 (proc_pid_stat(5)). */
static int verify_session(const struct plan *p, struct target *t, char value[VALUE_MAX], struct err *e)
{
	char stat[1024], *at;
	uint64_t blocked = 0, ignored = 0;
	long sid = -1, pid = -1;
	ssize_t n = sys_read_file(t->sys, t->proc, "stat", stat, sizeof(stat));

	at = n > 0 ? strrchr(stat, ')') : NULL;
	if (!at || sscanf(at, ") %*c %*d %*d %ld", &sid) != 1 || sscanf(stat, "%ld", &pid) != 1)
		return err_set(e, ERR_LAUNCH, n < 0 ? (int)n : EIO, NULL, "cannot read the session");
	if (t->inside && sid != (p->init ? 1 : pid))
		return err_set(e, ERR_LAUNCH, 0, NULL, "the session is %ld, not the container's own", sid);
	if (t->inside && scheduling_verify(p, t, at, e) < 0)
		return -1;
	if (t->inside && (proc_hex(t->status, "SigBlk", &blocked) < 0 || proc_hex(t->status, "SigIgn", &ignored) < 0 ||
			  blocked || ignored))
		return err_set(e, ERR_LAUNCH, 0, NULL, "signals are blocked or ignored");
	if (t->inside && !p->keep_keyring && t->launch->keyring >= 0 &&
	    sys_call6(t->sys, SYS_keyctl, KEYCTL_GET_KEYRING_ID, (unsigned long)KEY_SPEC_SESSION_KEYRING, 0, 0, 0, 0) ==
		    t->launch->keyring)
		return err_set(e, ERR_LAUNCH, 0, NULL, "the session keyring is still the caller's");
	snprintf(value, VALUE_MAX, "own session%s, no signal blocked", p->sched.reset ? ", keyring, priority and personality" :
		 p->keep_keyring ? "" : " and keyring");
	return 0;
}

static int prepare_session(const struct policy *p, struct plan *plan, struct arena *a, struct err *e)
{
	(void)p;
	(void)a;
	(void)e;
	plan->sched.reset = true;
	return 0;
}

static void probe_session(const struct sys *k, struct ability *a)
{
	(void)k;
	a->usable = true;
	snprintf(a->detail, sizeof(a->detail), "setsid, session keyring");
}

const struct control control_session = {
	.protects = "typing into the caller's terminal, using the caller's keys",
	.prepare = prepare_session, .verify = verify_session, .probe = probe_session,
};

/* --- no_new_privs --- */

int nnp_apply(struct launch *l, struct err *e)
{
	int r = sys_prctl(l->sys, PR_SET_NO_NEW_PRIVS, 1, 0, 0);

	return r < 0 ? err_set(e, ERR_LAUNCH, r, NULL, "cannot set no_new_privs") : 0;
}

static int verify_nnp(const struct plan *p, struct target *t, char value[VALUE_MAX], struct err *e)
{
	uint64_t v = 0;

	(void)p;
	if (proc_numbers(t->status, "NoNewPrivs", &v, 1) != 1 || v != 1)
		return err_set(e, ERR_LAUNCH, 0, NULL, "NoNewPrivs is not 1");
	snprintf(value, VALUE_MAX, "1");
	return 0;
}

static void probe_nnp(const struct sys *k, struct ability *a)
{
	a->usable = sys_prctl(k, PR_GET_NO_NEW_PRIVS, 0, 0, 0) >= 0;
	snprintf(a->detail, sizeof(a->detail), "prctl");
}

const struct control control_no_new_privs = {
	.protects = "gaining anything through setuid programs or file capabilities",
	.verify = verify_nnp, .probe = probe_nnp,
};

/* --- working directory --- */

/* A config.json may name a directory that its user cannot enter. What matters is not who goes there but where it is. */
int cwd_enter(struct launch *l, struct err *e)
{
	(void)e;
	l->cwd_entered = l->plan->cwd_as_root && sys_chdir(l->sys, l->plan->cwd) >= 0;
	return 0;
}

/* After every mount change and as the user, so that the directory is one the workload may enter;
 * getcwd must answer with a path below "/": CVE-2024-21626 was a cwd outside the root. */
int cwd_apply(struct launch *l, struct err *e)
{
	char at[4096];
	int r = sys_chdir(l->sys, l->plan->cwd);

	if (r == -EACCES && l->cwd_entered)	/* there already, since root may enter what the user may not */
		r = 0;
	if (r < 0) {
		err_set(e, ERR_POLICY, r, "it must exist in the rootfs or a mount, and user.uid must be able to enter it",
			"cannot change to '%s'", l->plan->cwd);
		return err_at(e, "/cwd");
	}
	r = sys_getcwd(l->sys, at, sizeof(at));
	if (r < 0 || at[0] != '/')
		return err_set(e, ERR_LAUNCH, r < 0 ? r : 0, NULL, "the working directory is outside the container");
	return 0;
}

/* --- descriptors --- */

/* Closes everything but 0-2, what the caller passes on, and those that the last rows still need, which are close-on-exec from
 * birth: ranges between them, so the cost does not depend on how many are open. */
int fds_apply(struct launch *l, struct err *e)
{
	const int needed[] = { l->report[1], l->proc, l->start };
	unsigned from = 3 + l->plan->preserve_fds;

	for (;;) {
		unsigned next = ~0U;	/* the lowest of the needed that is not below `from`; -1 is the highest number */
		int r;

		for (size_t i = 0; i < COUNT(needed); i++)
			if ((unsigned)needed[i] >= from && (unsigned)needed[i] < next)
				next = (unsigned)needed[i];
		r = next > from ? sys_close_range(l->sys, from, next == ~0U ? next : next - 1, 0) : 0;
		if (r < 0)
			return err_set(e, ERR_LAUNCH, r, NULL, "cannot close the inherited descriptors");
		if (next == ~0U)
			return 0;
		from = next + 1;
	}
}

struct entry { uint64_t ino, off; unsigned short len; unsigned char type; char name[]; };	/* getdents64(2) */

/* What is open beside 0-2 must be what fds_apply() kept, all close-on-exec from birth. */
static int verify_fds(const struct plan *p, struct target *t, char value[VALUE_MAX], struct err *e)
{
	char buf[4096] __attribute__((aligned(8)));
	int dir, n = 0, bad = -1;

	snprintf(value, VALUE_MAX, "only 0 to %u at exec", 2 + p->preserve_fds);
	if (!t->inside)
		return 0;
	dir = sys_open(t->sys, t->proc, "fd", O_RDONLY | O_DIRECTORY);
	if (dir < 0)
		return err_set(e, ERR_LAUNCH, dir, NULL, "cannot list the descriptors");
	while (bad < 0 && (n = sys_getdents(t->sys, dir, buf, sizeof(buf))) > 0)
		for (int at = 0; at < n; at += ((struct entry *)(void *)(buf + at))->len) {
			const char *name = ((struct entry *)(void *)(buf + at))->name;
			int fd = name[0] == '.' ? 0 : atoi(name);

			if (fd > 2 + (int)p->preserve_fds && fd != dir && fd != t->proc && fd != t->launch->proc &&
			    fd != t->launch->report[1] && fd != t->launch->start)
				bad = fd;
		}
	(void)!sys_close(t->sys, dir);
	if (n < 0)
		return err_set(e, ERR_LAUNCH, n, NULL, "cannot list the descriptors");
	if (bad >= 0)
		return err_set(e, ERR_LAUNCH, 0, NULL, "descriptor %d would reach the workload", bad);
	return 0;
}

static void probe_fds(const struct sys *k, struct ability *a)
{
	/* first > last changes nothing: EINVAL where the call exists. */
	a->usable = sys_close_range(k, 2, 1, 0) == -EINVAL;
	snprintf(a->detail, sizeof(a->detail), "close_range");
	if (!a->usable)
		snprintf(a->hint, sizeof(a->hint), "needs kernel 5.11");
}

const struct control control_fds = {
	.protects = "using a file or socket the caller left open (CVE-2024-21626)",
	.verify = verify_fds, .probe = probe_fds,
};
