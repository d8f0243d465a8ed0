/* guard.c - see guard.h.
 *
 * A workload dies with its supervisor by PR_SET_PDEATHSIG. Ours as PID 1 keeps that, and takes its namespace with it; but execve
 * clears it in a process whose AppArmor profile changes there (apparmor_bprm_committing_creds(), since 2.6.36). So a program
 * without a PID 1 of ours, which is what `casemate exec` brings in and what `init: false` starts, would live on. The guard waits
 * outside the container for the supervisor's death, and holds nothing but the pidfd of the one that it is to end. */
#include "guard.h"
#include "../controls/process.h"
#include "trim.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void be_guard(struct launch *l, pid_t supervisor)
{
	struct err e = { 0 };
	sigset_t death;
	int sig, r;

	sigemptyset(&death);
	sigaddset(&death, SIGTERM);	/* blocked, as all are */
	r = sys_prctl(l->sys, PR_SET_PDEATHSIG, SIGTERM, 0, 0);
	if (r >= 0)
		r = undumpable_apply(l, &e);
	if (r >= 0)
		r = sys_close_range(l->sys, 0, (unsigned)l->pidfd - 1, 0);
	if (r >= 0)
		r = sys_close_range(l->sys, (unsigned)l->pidfd + 1, ~0U, 0);
	trim_memory();
	/* One that cannot wait must not let run, either. */
	while (r >= 0 && getppid() == supervisor)	/* another, of a signal to the whole process group, is not its death */
		(void)sigwait(&death, &sig);
	(void)!sys_pidfd_send_signal(l->sys, l->pidfd, SIGKILL);
	for (;;)
		(void)sys_exit(l->sys, 0);
}

int guard_start(struct launch *l, struct err *e)
{
	/* Nobody is told of its end: the supervisor waits for the workload. */
	struct clone_args args = { .flags = CLONE_PIDFD, .pidfd = (uintptr_t)&l->guard };
	pid_t supervisor = getpid();
	int r;

	if (l->plan->init || l->plan->held || l->plan->outlives)
		return 0;
	r = sys_clone3(l->sys, &args, sizeof(args));
	if (r == 0)
		be_guard(l, supervisor);
	return r < 0 ? err_set(e, ERR_HOST, r, NULL, "cannot start the guard of the workload") : 0;
}

void guard_end(struct launch *l)
{
	siginfo_t info;

	if (l->guard < 0)
		return;
	(void)!sys_pidfd_send_signal(l->sys, l->guard, SIGKILL);
	while (waitid(P_PIDFD, (id_t)l->guard, &info, WEXITED | __WALL) < 0 && errno == EINTR)
		;
	(void)!sys_close(l->sys, l->guard);
	l->guard = -1;
}
