/* checker.c - see checker.h.
 *
 * The supervisor must never wait for a service, and once confined it can neither enter the container's network nor start a
 * program. So a process of its own does, from before: for TCP it stands in the container's network namespace with the workload's
 * ids, no capability, no path and a dozen calls; for a program it starts `casemate exec --healthcheck`, which joins the container
 * like any other exec, confined as the workload, and so keeps the rights of whoever started us. It hears one byte at a time and nothing
 * of the workload's but an exit code. It ends with the supervisor. */
#include "checker.h"
#include "../controls/seccomp.h"
#include "trim.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct check {
	const struct sys *sys;
	const struct launch *launch;
	const struct healthcheck_policy *policy;
	int channel;
};

/* --- TCP --- */

static int try_address(const struct check *c, const struct sockaddr *to, socklen_t len)
{
	int fd = sys_socket(c->sys, to->sa_family, SOCK_STREAM | SOCK_NONBLOCK, 0), r, error = 0;

	if (fd < 0)
		return -fd;
	r = sys_connect(c->sys, fd, to, len);
	if (r == -EINPROGRESS) {
		r = sys_poll(c->sys, fd, POLLOUT, (int)c->policy->timeout);
		r = r == 0 ? CHECK_TIMEOUT : r < 0 ? -r : sys_getsockopt(c->sys, fd, SO_ERROR, &error) < 0 ? EIO : error;
	} else {
		r = -r;
	}
	(void)!sys_close(c->sys, fd);
	return r;
}

/* A service may listen on either of the two. */
static int check_tcp(const struct check *c)
{
	const in_port_t port = htons((uint16_t)c->policy->tcp);
	const struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = port, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = port, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	int r = try_address(c, (const struct sockaddr *)&four, sizeof(four));

	if (r == ECONNREFUSED && try_address(c, (const struct sockaddr *)&six, sizeof(six)) == 0)
		r = 0;
	return r;
}

enum { ENDING = 1000 };	/* ms from a workload's exit to PID 1's, which ends with it */

/* By the workload: PID 1 is a copy of ours that nobody may look into, and only root is not nobody. Its pid may be another's by now, but
 * then PID 1 has ended. If it is reaped while the path is walked, the kernel says EACCES (fs/proc/base.c, proc_pid_get_link), of one that is
 * a zombie ENOENT; then PID 1 soon ends. */
static int enter_network(const struct check *c)
{
	char path[40];
	int fd, r;

	if (c->launch->plan->network == NETWORK_HOST)
		return 0;
	snprintf(path, sizeof(path), "/proc/%d/ns/net", c->launch->workload);
	fd = sys_open(c->sys, AT_FDCWD, path, O_RDONLY);
	r = sys_poll(c->sys, c->launch->pidfd, POLLIN, fd < 0 ? ENDING : 0);
	if (r > 0)
		r = -ESRCH;
	else if (fd < 0)
		r = fd;
	if (r >= 0)
		r = sys_setns(c->sys, fd, CLONE_NEWNET);
	if (fd >= 0)
		(void)!sys_close(c->sys, fd);
	return r;
}

static int no_paths(const struct sys *k)
{
	const struct landlock_ruleset_attr attr = { .handled_access_fs = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1 };
	int ruleset = sys_landlock_create(k, &attr, sizeof(attr), 0), r;

	if (ruleset == -ENOSYS || ruleset == -EOPNOTSUPP)
		return 0;
	r = ruleset < 0 ? ruleset : sys_landlock_restrict(k, ruleset);
	if (ruleset >= 0)
		(void)!sys_close(k, ruleset);
	return r;
}

static int confine_tcp(const struct check *c, struct err *e)
{
	const struct launch *l = c->launch;
	int r = 0;

	if (!l->rootless)
		r = sys_setgroups(c->sys, 0, NULL);
	if (r >= 0 && !l->rootless)
		r = sys_setresgid(c->sys, l->plan->gid);
	if (r >= 0 && !l->rootless)
		r = sys_setresuid(c->sys, l->plan->uid);
	if (r >= 0)
		r = sys_capset(c->sys, 0, 0, 0);
	if (r >= 0)
		r = sys_prctl(c->sys, PR_SET_DUMPABLE, 0, 0, 0);
	if (r >= 0)
		r = sys_prctl(c->sys, PR_SET_PDEATHSIG, SIGKILL, 0, 0);	/* the new ids cleared it */
	if (r >= 0)
		r = sys_prctl(c->sys, PR_SET_NO_NEW_PRIVS, 1, 0, 0);
	if (r >= 0)
		r = no_paths(c->sys);
	if (r >= 0)
		r = seccomp_checker_apply(l, e);
	return r;
}

/* --- a program --- */

static void become_exec(const struct check *c)
{
	const char *const argv[] = { "casemate", "exec", "--healthcheck", c->launch->plan->name, NULL };
	int null = sys_open(c->sys, AT_FDCWD, "/dev/null", O_RDWR);
	int r = null;

	for (int fd = 0; fd < 3 && r >= 0; fd++)
		r = dup2(null, fd) < 0 ? -errno : 0;
	if (r >= 0)
		r = sys_unblock_signals(c->sys);
	/* The name it was started by may mean another program by now, in an upgrade; this one is what runs. */
	if (r >= 0)
		(void)!sys_execve(c->sys, "/proc/self/exe", argv, (const char *const *)environ);
	for (;;)
		(void)sys_exit(c->sys, 125);
}

static int check_exec(const struct check *c)
{
	int pidfd = -1, pid;
	struct clone_args args = { .flags = CLONE_PIDFD, .pidfd = (uintptr_t)&pidfd, .exit_signal = SIGCHLD };
	siginfo_t info = { 0 };
	bool late;

	pid = sys_clone3(c->sys, &args, sizeof(args));
	if (pid < 0)
		return -pid;
	if (pid == 0)
		become_exec(c);
	late = sys_poll(c->sys, pidfd, POLLIN, (int)c->policy->timeout) == 0;
	if (late)
		(void)!sys_pidfd_send_signal(c->sys, pidfd, SIGKILL);	/* what it started dies with it */
	while (waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED) < 0 && errno == EINTR)
		;
	(void)!sys_close(c->sys, pidfd);
	if (late)
		return CHECK_TIMEOUT;
	return info.si_code != CLD_EXITED ? CHECK_SIGNAL : info.si_status ? CHECK_EXIT + info.si_status : 0;
}

/* --- the process --- */

static _Noreturn void serve(const struct check *c)
{
	struct err e = { 0 };
	char word;
	int r = c->policy->tcp ? enter_network(c) : 0;	/* while the descriptors are there */

	if (r >= 0)
		r = sys_close_range(c->sys, 3, (unsigned)c->channel - 1, 0);
	if (r >= 0)
		r = sys_close_range(c->sys, (unsigned)c->channel + 1, ~0U, 0);
	if (r >= 0)
		r = sys_prctl(c->sys, PR_SET_PDEATHSIG, SIGKILL, 0, 0);
	if (r >= 0)
		r = sys_prctl(c->sys, PR_SET_NAME, (unsigned long)"casemate-check", 0, 0);
	trim_memory();
	if (r >= 0 && c->policy->tcp)
		r = confine_tcp(c, &e);
	/* The first word is how that went: nothing is checked by a process that is not as it should be. */
	if (sys_send(c->sys, c->channel, &r, sizeof(r)) >= 0 && r >= 0)
		while (sys_recv(c->sys, c->channel, &word, 1, 0) == 1) {
			r = c->policy->tcp ? check_tcp(c) : check_exec(c);
			if (sys_send(c->sys, c->channel, &r, sizeof(r)) < 0)
				break;
		}
	for (;;)
		(void)sys_exit(c->sys, 0);
}

int checker_start(struct checker *k, const struct launch *l, const struct healthcheck_policy *p, struct err *e)
{
	int pidfd = -1, ends[2], word = -EPIPE, r = sys_socketpair(l->sys, SOCK_SEQPACKET, ends);
	struct clone_args args = { .flags = CLONE_PIDFD, .pidfd = (uintptr_t)&pidfd, .exit_signal = SIGCHLD };

	*k = (struct checker){ .channel = -1, .pidfd = -1 };
	if (r < 0)
		return err_set(e, ERR_LAUNCH, r, NULL, "cannot start the health checks");
	r = sys_clone3(l->sys, &args, sizeof(args));
	if (r == 0)
		serve(&(struct check){ l->sys, l, p, ends[1] });
	(void)!sys_close(l->sys, ends[1]);
	k->channel = ends[0];
	k->pid = r;
	k->pidfd = pidfd;
	if (r >= 0)
		r = (int)sys_recv(l->sys, k->channel, &word, sizeof(word), 0);
	if (r == sizeof(word) && word >= 0)
		return 0;
	if (r == sizeof(word) && (word == -ENOENT || word == -ESRCH))
		return 0;	/* over already: there is nothing to ask after, and every check will say so */
	checker_stop(k, l->sys);
	return err_set(e, ERR_LAUNCH, r < 0 ? r : word, NULL, "the process for the health checks cannot be confined");
}

void checker_stop(struct checker *k, const struct sys *sys)
{
	siginfo_t info;

	if (k->channel >= 0)
		(void)!sys_close(sys, k->channel);
	if (k->pidfd >= 0) {
		/* With the workload's ids it is not ours to signal; then it ends by the closed channel, or with us. */
		if (sys_pidfd_send_signal(sys, k->pidfd, SIGKILL) >= 0)
			while (waitid(P_PIDFD, (id_t)k->pidfd, &info, WEXITED) < 0 && errno == EINTR)
				;
		(void)!sys_close(sys, k->pidfd);
	}
	*k = (struct checker){ .channel = -1, .pidfd = -1 };
}

const char *checker_why(int answer, char *buf, size_t size)
{
	if (answer == 0)
		return "it answers";
	if (answer == CHECK_TIMEOUT)
		return "it did not answer in time";
	if (answer == CHECK_SIGNAL)
		return "the check was killed";
	if (answer >= CHECK_EXIT)
		snprintf(buf, size, "the check ended with %d", answer - CHECK_EXIT);
	else
		snprintf(buf, size, "%s", strerror(answer));
	return buf;
}
