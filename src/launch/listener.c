/* listener.c - see listener.h.
 *
 * seccomp(2) gives the listener to the very process that it filters, and from then on that process may be allowed nothing but
 * execve, or would wait for the agent that is to be told. So it is not asked to send anything: whoever waits for its exec
 * traces it through this one call, reads there which descriptor it was given, and takes a copy (pidfd_getfd(2), 5.6). The process
 * stands still meanwhile without a call of its own, and is killed if its tracer dies (PTRACE_O_EXITKILL).
 * It is our own code until execve, which is past the tracing. */
#include "listener.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

int listener_await(struct launch *l, struct err *e)
{
	char go;
	ssize_t n = 1;

	if (l->plan->listener)
		while ((n = sys_recv(l->sys, l->report[1], &go, 1, 0)) == -EINTR)
			;
	return n == 1 ? 0 : err_set(e, ERR_LAUNCH, n < 0 ? (int)n : EPIPE, NULL, "nobody takes the seccomp listener");
}

int listener_connect(const struct sys *k, const char *path, struct err *e)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd, r;

	if (strlen(path) >= sizeof(to.sun_path))
		return err_set(e, ERR_USAGE, ENAMETOOLONG, NULL, "linux.seccomp.listenerPath");
	memcpy(to.sun_path, path, strlen(path));
	fd = sys_socket(k, AF_UNIX, SOCK_STREAM, 0);
	r = fd < 0 ? fd : sys_connect(k, fd, &to, sizeof(to));
	if (r >= 0)
		return fd;
	if (fd >= 0)
		(void)!sys_close(k, fd);
	err_set(e, ERR_HOST, r, "the agent that answers for SCMP_ACT_NOTIFY must listen there", "cannot reach the seccomp agent at '%.100s'", path);
	return err_at(e, "/linux/seccomp/listenerPath");
}

/* Until it stands still; what for, as in wait status >> 8. It stays waitable: its end is for others to see. */
static int await_stop(pid_t pid)
{
	siginfo_t info = { 0 };

	while (waitid(P_PID, (id_t)pid, &info, WSTOPPED | WEXITED | WNOWAIT) < 0)
		if (errno != EINTR)
			return -errno;
	return info.si_code == CLD_TRAPPED || info.si_code == CLD_STOPPED ? info.si_status : -ESRCH;
}

/* From stop to stop to the end of its next seccomp(2): what that returned. */
static int await_seccomp(const struct sys *k, pid_t pid, struct err *e)
{
	struct __ptrace_syscall_info info;
	bool loads = false;
	int r, stop = 0;

	for (;;) {
		/* A signal that it was stopped for is delivered; a stop of the tracing's own has none. */
		const bool signalled = stop > 0 && stop >> 8 == 0 && stop != (SIGTRAP | 0x80);

		r = sys_ptrace(k, PTRACE_SYSCALL, pid, 0, signalled ? (unsigned long)stop : 0);
		if (r >= 0)
			r = stop = await_stop(pid);
		if (r >= 0)
			r = sys_ptrace(k, PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), (uintptr_t)&info);
		if (r < 0)
			return err_set(e, ERR_LAUNCH, r, NULL, "the process ended before it had its filter");
		if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
			loads = info.entry.nr == SYS_seccomp;
		else if (info.op == PTRACE_SYSCALL_INFO_EXIT && loads)
			break;
	}
	r = (int)info.exit.rval;
	return r >= 0 ? r : err_set(e, ERR_LAUNCH, r, r == -EBUSY ? "a filter that was there already has a listener" : NULL,
				    "cannot load the seccomp filter with a listener");
}

static int send_state(const struct sys *k, int agent, const char *state, pid_t pid, int listener, struct err *e)
{
	_auto(free_mem) char *text = NULL;
	int n = asprintf(&text, "{\"pid\":%d,%s", pid, state + 1), r;

	if (n < 0) {
		text = NULL;
		return err_set(e, ERR_HOST, ENOMEM, NULL, "cannot hold the state for the seccomp agent");
	}
	r = sys_send_fd(k, agent, text, (size_t)n, listener);
	return r < 0 ? err_set(e, ERR_HOST, r, "the agent's own log may tell", "the seccomp agent did not take the listener") : 0;
}

static int trace(const struct sys *k, int report, pid_t pid, int pidfd, struct err *e)
{
	int r = sys_ptrace(k, PTRACE_SEIZE, pid, 0, 0);

	/* Whoever has the number now keeps it; that it is the right one must be known before it can be killed with us. */
	if (r >= 0)
		r = sys_pidfd_send_signal(k, pidfd, 0);
	if (r >= 0)
		r = sys_ptrace(k, PTRACE_INTERRUPT, pid, 0, 0);
	if (r >= 0)
		r = await_stop(pid);
	if (r >= 0)
		r = sys_ptrace(k, PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
	if (r >= 0)
		r = sys_send(k, report, "l", 1);
	if (r < 0)
		return err_set(e, ERR_LAUNCH, r, r == -EPERM ? "needs CAP_SYS_PTRACE, and kernel.yama.ptrace_scope (sysctl) below 3" : NULL,
			       "cannot take the seccomp listener from the process");
	return await_seccomp(k, pid, e);
}

static int pass(const struct sys *k, int agent, const char *state, int report, pid_t pid, int pidfd, struct err *e)
{
	int number = trace(k, report, pid, pidfd, e), listener, r;

	if (number < 0)
		return -1;
	listener = sys_pidfd_getfd(k, pidfd, number);
	if (listener < 0)
		return err_set(e, ERR_LAUNCH, listener, NULL, "cannot take the seccomp listener from the process");
	r = send_state(k, agent, state, pid, listener, e);
	(void)!sys_close(k, listener);
	if (r < 0)
		return -1;
	r = sys_ptrace(k, PTRACE_DETACH, pid, 0, 0);
	return r < 0 ? err_set(e, ERR_LAUNCH, r, NULL, "the process ended when it had its filter") : 0;
}

int listener_pass(const struct sys *k, int agent, const char *state, int report, pid_t pid, int pidfd, struct err *e)
{
	int r = pass(k, agent, state, report, pid, pidfd, e);

	if (r < 0)
		(void)!sys_pidfd_send_signal(k, pidfd, SIGKILL);
	(void)!sys_close(k, agent);
	return r < 0 ? err_step(e, "listener") : 0;
}

int listener_give(struct launch *l, struct err *e)
{
	int agent = listener_connect(l->sys, l->plan->listener, e);

	return agent < 0 ? -1 : listener_pass(l->sys, agent, l->listener_state, l->report[0], l->pid, l->pidfd, e);
}
