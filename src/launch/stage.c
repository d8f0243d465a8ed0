/* stage.c - see stage.h.
 *
 * The stage enters what cannot be left again and makes the container's process as a sibling (CLONE_PARENT), so that the parent
 * waits for it and signals it like any other. It is never seen inside: a pid namespace is for children. It ends before the
 * parent goes on; its last word tells the number, or what went wrong. */
#include "stage.h"
#include "../controls/namespaces.h"
#include "../controls/process.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

struct last_word { struct err e; pid_t pid; };

/* A container that runs is entered all at once and by the pidfd of one process of it (setns(2), since 5.8), so that nothing in it
 * is opened by a path and no pid is read twice. */
static int enter(struct launch *l, struct err *e)
{
	int r = sys_prctl(l->sys, PR_SET_PDEATHSIG, SIGKILL, 0, 0);

	if (r >= 0 && !l->plan->joins)
		return namespaces_enter_stage(l, e);
	if (r >= 0 && l->join_flags)
		r = sys_setns(l->sys, l->joined_fd, (int)l->join_flags);
	return r < 0 ? err_set(e, ERR_HOST, r, r == -EPERM ? "run it as whoever started the container" : NULL,
			       "cannot enter the container's namespaces") : 0;
}

static _Noreturn void be_stage(struct launch *l, struct clone_args *args, void (*child)(struct launch *))
{
	struct last_word word = { .e = { .kind = ERR_NONE } };
	int r = enter(l, &word.e);

	/* The ids of another user namespace may have opened us again: fs.suid_dumpable, proc(5). */
	if (r >= 0)
		r = undumpable_apply(l, &word.e);
	if (r >= 0) {
		/* The signal for the parent is that of the stage (clone(2)), and a descriptor made here would be of no use to it. */
		args->flags = (args->flags & ~(uint64_t)CLONE_PIDFD) | CLONE_PARENT;
		args->exit_signal = args->pidfd = 0;
		r = sys_clone3(l->sys, args, sizeof(*args));
		if (r == 0) {
			child(l);
			__builtin_unreachable();
		}
		if (r < 0)
			err_set(&word.e, ERR_HOST, r, NULL, "cannot create the container's process");
	}
	word.pid = r;
	r = sys_send(l->sys, l->report[1], &word, sizeof(word));
	for (;;)
		(void)sys_exit(l->sys, r < 0);
}

/* Whosever process it is, if it is not our child we must not signal it. */
static bool is_our_child(int pidfd)
{
	siginfo_t info;

	return waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

int stage_clone(struct launch *l, struct clone_args *args, void (*child)(struct launch *), int *pidfd, struct err *e)
{
	struct clone_args stage = { .exit_signal = SIGCHLD };
	struct last_word word = { .pid = -1 };
	ssize_t n;
	int r = sys_clone3(l->sys, &stage, sizeof(stage));

	if (r == 0)
		be_stage(l, args, child);
	if (r < 0)
		return err_set(e, ERR_HOST, r, NULL, "cannot create a process");
	while (waitpid(r, NULL, 0) < 0 && errno == EINTR)
		;
	/* It has said what it had to say, and the child says nothing yet; to wait for more would be for ever. */
	n = sys_recv(l->sys, l->report[0], &word, sizeof(word), MSG_DONTWAIT);
	if (n != sizeof(word))
		return err_set(e, ERR_LAUNCH, n < 0 ? (int)n : EPROTO, NULL, "the process that enters the namespaces died");
	if (word.e.kind != ERR_NONE) {
		*e = word.e;
		return -1;
	}
	*pidfd = sys_pidfd_open(l->sys, word.pid);	/* a child that nobody has waited for: the pid is its own */
	if (*pidfd < 0)
		return err_set(e, ERR_LAUNCH, *pidfd, NULL, "cannot hold the container's process");
	if (is_our_child(*pidfd))
		return word.pid;
	(void)!sys_close(l->sys, *pidfd);
	*pidfd = -1;
	return err_set(e, ERR_LAUNCH, 0, NULL, "the container's process is not our child");
}
