/* supervise.c - one small process outside the container: passes signals on, keeps the stop
 * timeout, waits, and tells how it ended. It holds a pidfd, so it can never signal a stranger. */
#include "supervise.h"
#include "init.h"
#include "trim.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

static void kill_all(struct launch *l)
{
	(void)!sys_pidfd_send_signal(l->sys, l->pidfd, SIGKILL);	/* PID 1 dies, and its namespace with it */
	if (l->cgroup >= 0)
		(void)!cgroup_kill(l);
}

/* 1 once PID 1 is gone and reaped, 0 while it lives, -errno. */
static int reap(struct launch *l, struct outcome *out)
{
	struct rusage use = { 0 };
	siginfo_t info = { 0 };
	/* The raw call: only it hands out the usage too (waitid(2), "C library/kernel differences"). */
	long r;

	do
		r = sys_call6(l->sys, SYS_waitid, P_PIDFD, (unsigned long)l->pidfd, (unsigned long)&info, WEXITED | WNOHANG,
			      (unsigned long)&use, 0);
	while (r == -EINTR);
	if (r < 0 || info.si_pid == 0)
		return (int)r;
	out->status = info.si_code == CLD_EXITED ? W_EXITCODE(info.si_status, 0) : info.si_status & 0x7f;
	out->cpu_usec = (uint64_t)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) * 1000000 +
			(uint64_t)(use.ru_utime.tv_usec + use.ru_stime.tv_usec);
	return 1;
}

/* A supervisor that cannot watch must not let run: it kills, and tries a little longer to learn the end. */
static bool is_over(struct launch *l, struct outcome *out)
{
	const struct timespec pause = { .tv_nsec = 10 * 1000 * 1000 };
	int r = reap(l, out);

	if (r < 0) {
		struct err why = { 0 };

		err_set(&why, ERR_HOST, r, "it was killed, since nobody would see its end", "cannot watch the container");
		err_print(&why, NULL);
	}
	for (int left = 100; r < 0 && left; left--) {
		out->forced = true;
		out->status = SIGKILL;
		kill_all(l);
		nanosleep(&pause, NULL);
		r = reap(l, out);
	}
	return r != 0;
}

/* PID 1's last word tells a signal from an exit code above 128. */
static void hear_last_word(struct launch *l, struct outcome *out)
{
	struct init_report last;

	if (l->control[0] >= 0 && sys_recv(l->sys, l->control[0], &last, sizeof(last), MSG_DONTWAIT) == sizeof(last))
		out->status = last.status;
}

static void pass_on(const struct launch *l, const struct loop *loop, int sig)
{
	(void)!sys_pidfd_send_signal(l->sys, l->pidfd, sig);
	if (loop->passed_on)
		loop->passed_on(loop->passed_on_ctx, sig, &loop->from);
}

void supervise(struct launch *l, const struct notify *manager, struct loop *loop, struct outcome *out)
{
	uint64_t start = loop_now(), deadline = NEVER;

	*out = (struct outcome){ 0 };
	trim_memory();
	while (!is_over(l, out)) {
		int sig = loop_wait(loop, deadline);

		if (sig == 0) {
			out->forced = true;
			deadline = NEVER;
			kill_all(l);
		} else if (l->plan->stop_signal && (sig == SIGTERM || sig == SIGINT)) {
			pass_on(l, loop, l->plan->stop_signal);
			if (deadline == NEVER) {
				out->failed |= !out->forced && loop->from.si_signo == 0;
				deadline = loop_now() + l->plan->stop_timeout;
				notify_send(manager, "STOPPING=1\nSTATUS=stopping, for at most %u ms", l->plan->stop_timeout);
			}
		} else if (sig == SIGWINCH && loop->resized) {
			loop->resized(loop->resized_ctx);
		} else if (sig > 0 && sig != SIGCHLD && sig != SIGPIPE) {
			pass_on(l, loop, sig == SIGHUP && l->plan->reload_signal ? l->plan->reload_signal : sig);
		}
	}
	loop_drain(loop);
	hear_last_word(l, out);
	out->duration_ms = loop_now() - start;
	if (l->cgroup >= 0 && cgroup_usage(l, &out->usage) == 0 && out->usage.cpu_usec)
		out->cpu_usec = out->usage.cpu_usec;
}

int outcome_exit_code(const struct outcome *out)
{
	if (out->failed)
		return EXIT_FAILED;
	return WIFEXITED(out->status) ? WEXITSTATUS(out->status) : 128 + WTERMSIG(out->status);
}
