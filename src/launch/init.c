/* init.c - PID 1.
 *
 * A PID 1 that ignores its orphans fills the container with zombies, and one without handlers
 * never sees SIGTERM (pid_namespaces(7)). Ours is the child itself, which stays behind at one row of
 * the order and lets the workload go on: same ids, no capabilities, same namespaces, Landlock,
 * AppArmor; its own, smaller filter, since it needs five calls and the workload's may lack those.
 *
 * It does not reap the workload before the supervisor has looked at it: a short run could
 * otherwise vanish before its filter was read back. */
#include "init.h"
#include "../controls/apparmor.h"
#include "../controls/caps.h"
#include "../controls/seccomp.h"
#include "../base/procfs.h"
#include "trim.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/socket.h>
#include <sys/wait.h>

/* Everybody in the container can read /proc/1/cmdline: the launcher's words are none of their business. The
 * strings of argv and environ lie one behind the other (proc_pid_cmdline(5)). */
static void hide_command_line(void)
{
	char *start = program_invocation_name;
	/* Without any environment the next string is the file name that was executed (getauxval(3)). */
	char *end = environ[0] && environ[0] > start ? environ[0] : (char *)(uintptr_t)getauxval(AT_EXECFN);

	memset(start, 0, (size_t)(end - start));
	snprintf(start, (size_t)(end - start), "casemate-init");
}

static int confine(struct launch *l, struct err *e)
{
	int r;

	if (!waived(l->plan, CONTROL_apparmor) && apparmor_init_apply(l, e) < 0)
		return -1;
	/* Only the line to the supervisor stays: a pipe held open here would never end for its reader. */
	r = sys_close_range(l->sys, 0, (unsigned)l->control[1] - 1, 0);
	if (r >= 0)
		r = sys_close_range(l->sys, (unsigned)l->control[1] + 1, ~0U, 0);
	if (r < 0)
		return err_set(e, ERR_LAUNCH, r, NULL, "cannot close the descriptors of PID 1");
	trim_memory();
	if (caps_init_apply(l, e) < 0)
		return -1;
	return waived(l->plan, CONTROL_seccomp) ? 0 : seccomp_init_apply(l, e);
}

/* Reaps one process that has ended; 0 when there is none, -errno when that cannot be found out. */
static int reap_one(struct launch *l, pid_t workload, bool *go, int *status)
{
	siginfo_t info = { 0 };
	char word;

	if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0)
		return -errno;
	if (info.si_pid == workload && !*go) {
		(void)!sys_recv(l->sys, l->control[1], &word, 1, 0);	/* looked at, or nobody is there to look */
		*go = true;
	}
	return info.si_pid == 0 ? 0 : waitpid(info.si_pid, status, 0) < 0 ? -errno : info.si_pid;
}

/* True when the workload is among those that have ended, or when there is no telling any more. */
static bool is_over(struct launch *l, pid_t workload, bool *go, int *status)
{
	int failures = 0, r;

	do {
		r = reap_one(l, workload, go, status);
		failures += r < 0;
	} while (r != 0 && r != workload && failures < 16);
	return r != 0;
}

static _Noreturn void init_run(struct launch *l, pid_t workload)
{
	struct err e = { 0 };
	struct init_report last = { .status = SIGKILL };
	sigset_t all;
	bool go = false;
	int sig;

	(void)err_step(&e, "init");
	hide_command_line();
	(void)confine(l, &e);
	/* Not confined, or not able to say so: the supervisor hears the end of it, and everybody here dies with us. */
	if (sys_send(l->sys, l->control[1], &e, sizeof(e)) < 0 || e.kind != ERR_NONE)
		for (;;)
			(void)sys_exit(l->sys, 125);
	sigfillset(&all);
	for (;;) {
		if (sigwait(&all, &sig) != 0)
			continue;
		if (sig != SIGCHLD)
			kill(workload, sig);
		else if (is_over(l, workload, &go, &last.status))
			break;
	}
	(void)!sys_send(l->sys, l->control[1], &last, sizeof(last));
	for (;;)
		(void)sys_exit(l->sys, WIFEXITED(last.status) ? WEXITSTATUS(last.status) : 128 + WTERMSIG(last.status));
}

int init_fork(struct launch *l, struct err *e)
{
	struct clone_args args = { .exit_signal = SIGCHLD };
	int pid;

	if (!l->plan->init)
		return 0;
	pid = sys_clone3(l->sys, &args, sizeof(args));
	if (pid < 0)
		return err_set(e, ERR_LAUNCH, pid, "is limits.pids at least 2?", "cannot start the workload below PID 1");
	if (pid > 0)
		init_run(l, pid);
	return 0;
}

int init_hear(struct launch *l, struct err *e)
{
	struct err said;
	ssize_t n = sys_recv(l->sys, l->control[0], &said, sizeof(said), 0);

	if (n != sizeof(said))
		return err_set(e, ERR_LAUNCH, n < 0 ? (int)n : 0, "the kernel log may tell: AppArmor, no memory, a signal",
			       "PID 1 died before it was confined");
	return said.kind != ERR_NONE ? err_take(e, &said) : 0;
}

int init_confirm(struct launch *l, struct err *e)
{
	char path[32], status[4096];
	uint64_t mode = 0;
	ssize_t n;

	if (init_hear(l, e) < 0)
		return -1;
	snprintf(path, sizeof(path), "/proc/%d/status", l->pid);
	n = sys_read_file(l->sys, AT_FDCWD, path, status, sizeof(status));
	if (n < 0 || (!waived(l->plan, CONTROL_seccomp) && (proc_numbers(status, "Seccomp", &mode, 1) != 1 || mode != 2)))
		return err_set(e, ERR_LAUNCH, n < 0 ? (int)n : 0, NULL, "PID 1 has no seccomp filter");
	return 0;
}

int init_release(struct launch *l, struct err *e)
{
	int r = sys_send(l->sys, l->control[0], "g", 1);

	/* Gone already: everything was over before we said so, and its last word waits for us. */
	return r < 0 && r != -EPIPE && r != -ECONNRESET ? err_set(e, ERR_LAUNCH, r, NULL, "cannot reach PID 1") : 0;
}
