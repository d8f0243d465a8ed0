/* child.c - between clone and execve: the rows that belong to no control, and the exec itself.
 *
 * No JSON, no name lookup, no path of the policy is opened here but the program's. */
#include "child.h"
#include "hooks.h"
#include "order.h"
#include "../base/procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Our copies of the parent's ends would keep us from ever noticing that it is gone. */
int child_close_ends(struct launch *l, struct err *e)
{
	int r = sys_close(l->sys, l->report[0]);

	if (r >= 0 && l->plan->init)
		r = sys_close(l->sys, l->control[0]);
	return r < 0 ? err_set(e, ERR_LAUNCH, r, NULL, "cannot close the parent's ends") : 0;
}

int child_await_go(struct launch *l, struct err *e)
{
	char go;
	ssize_t n = sys_recv(l->sys, l->report[1], &go, 1, 0);

	return n == 1 ? 0 : err_set(e, ERR_LAUNCH, n < 0 ? (int)n : EPIPE, NULL, "the parent went away");
}

int child_signals(struct launch *l, struct err *e)
{
	int r = sys_unblock_signals(l->sys);

	return r < 0 ? err_set(e, ERR_LAUNCH, r, NULL, "cannot unblock the signals") : 0;
}

int child_verify(struct launch *l, struct err *e)
{
	struct target *t = l->looked_at;
	uint64_t pid = 0;

	target_init(t, l->sys, l, true, sys_open(l->sys, l->proc, "self", O_PATH | O_DIRECTORY));
	if (t->proc < 0)
		return err_set(e, ERR_LAUNCH, t->proc, NULL, "cannot look at ourselves");
	if (verify_controls(l, t, false, e) < 0)
		return -1;
	/* Some of its environment names it: sd_watchdog_enabled(3), sd_listen_fds(3). */
	if (l->plan->promised_pid &&
	    (proc_numbers(t->status, "Pid", &pid, 1) != 1 || pid != (uint64_t)l->plan->promised_pid))
		return err_set(e, ERR_LAUNCH, 0, NULL, "the workload is process %llu of its namespace, not %d", (unsigned long long)pid,
			       l->plan->promised_pid);
	return sys_close(l->sys, t->proc) < 0 ? err_set(e, ERR_LAUNCH, EBADF, NULL, "lost a descriptor") : 0;
}

int child_ready(struct launch *l, struct err *e)
{
	struct ready record = { .none = { .kind = ERR_NONE } };
	int r;

	memcpy(record.value, l->value, sizeof(record.value));
	r = sys_send(l->sys, l->report[1], &record, sizeof(record));
	return r < 0 ? err_set(e, ERR_LAUNCH, r, NULL, "the parent went away") : 0;
}

/* An engine creates now and starts later, by another process of ours: that one connects, and from then on its connection is
 * where a failure is reported; the end of file, which execve makes of it, says that the program runs. Until the parent
 * has written down who we are nobody could find us again, so until then we end with it. */
int child_hold(struct launch *l, struct err *e)
{
	char word;
	ssize_t n;
	int r;

	if (!l->plan->held)
		return 0;
	n = sys_recv(l->sys, l->report[1], &word, 1, 0);
	if (n != 1)
		return err_set(e, ERR_LAUNCH, n < 0 ? (int)n : EPIPE, NULL, "the parent went away");
	r = sys_prctl(l->sys, PR_SET_PDEATHSIG, 0, 0, 0);
	if (r >= 0)
		r = sys_close(l->sys, l->report[1]);
	l->report[1] = -1;
	while (r >= 0 && (r = sys_accept(l->sys, l->start)) == -EINTR)
		r = 0;
	if (r < 0)
		return err_set(e, ERR_LAUNCH, r, NULL, "cannot wait for the start");
	l->report[1] = r;
	return hooks_run(l->sys, l->plan, HOOK_START_CONTAINER, getpid(), e);
}

static const char *exec_hint(int r)
{
	if (r == -ENOENT)
		return "is it in the rootfs, and its interpreter or loader too?";
	if (r == -EACCES)
		return "it must be executable for user.uid, on a mount with exec, and allowed by the AppArmor profile or SELinux label";
	if (r == -EPERM)
		return "under no_new_privs an AppArmor profile or SELinux label must be one that may be entered all the same";
	return r == -ENOEXEC ? "not a program for this machine, or a script without #!" : NULL;
}

static int cannot_execute(struct err *e, const char *what, int r)
{
	err_set(e, ERR_EXEC, r, exec_hint(r), "cannot execute '%s'", what);
	return err_at(e, "/args/0");
}

static int look_at_program(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0 || faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) < 0)
		return -errno;
	return S_ISDIR(st.st_mode) ? -EACCES : 0;
}

/* Whoever creates a container wants to know then that there is no such program, not when it is started. */
int child_program(struct launch *l, struct err *e)
{
	const struct plan *p = l->plan;
	const char *what = p->argv[0];
	int r = -ENOENT, now;

	for (size_t i = 0; p->held && p->candidates[i]; i++) {
		now = look_at_program(p->candidates[i]);
		if (now == 0)
			return 0;
		if (now == -EACCES) {
			r = now;
			what = p->candidates[i];
		}
	}
	return p->held ? cannot_execute(e, what, r) : 0;
}

/* Only execve from here on: the filter may allow nothing else. */
static int exec(struct launch *l, const char **last)
{
	const struct plan *p = l->plan;
	int r = -ENOENT, seen = 0;

	*last = p->argv[0];
	for (size_t i = 0; p->candidates[i]; i++) {
		r = sys_execve(l->sys, p->candidates[i], p->argv, l->envp ? l->envp : p->envp);
		if (r != -ENOENT && r != -ENOTDIR && r != -EACCES)
			return r;
		if (r == -EACCES) {	/* as execvp(3): remembered, and the search goes on */
			seen = r;
			*last = p->candidates[i];
		}
	}
	return seen ? seen : r;
}

void child_run(struct launch *l, struct err *e)
{
	const char *what;
	int r;

	if (order_run(child_order, child_order_len, l, e) < 0)
		return;
	r = exec(l, &what);
	(void)cannot_execute(e, what, r);
	(void)err_step(e, "exec");
}
