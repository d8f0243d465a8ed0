/* hooks.c - see hooks.h.
 *
 * A hook is the bundle's word, run with our rights. It gets its own environment and not one variable more (CVE-2025-23266 came
 * by the image's), none of our descriptors, a session of its own, and the time that its entry allows: then it is killed with
 * all of its process group. What it leaves behind cannot hold us: its output is read while it runs, not until
 * everybody has closed it. */
#include "hooks.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

enum { SAID_MAX = 120, STATE_FD = 0, OUTPUT_FD = 1 };

static const struct { const char *name, *status; } stages[HOOK_STAGES] = {
	[HOOK_PRESTART] = { "prestart", "creating" }, [HOOK_CREATE_RUNTIME] = { "createRuntime", "creating" },
	[HOOK_CREATE_CONTAINER] = { "createContainer", "creating" }, [HOOK_START_CONTAINER] = { "startContainer", "created" },
	[HOOK_POSTSTART] = { "poststart", "running" }, [HOOK_POSTSTOP] = { "poststop", "stopped" },
};

/* --- in the hook's process --- */

static _Noreturn void be_hook(const struct sys *k, const struct plan *p, enum hook_stage stage, const struct plan_hook *h, int state, int output)
{
	static const char sorry[] = "cannot be executed";
	/* The one stage at which the program is the image's has the filter that everything of the image's has. */
	const bool filtered = stage == HOOK_START_CONTAINER && !waived(p, CONTROL_seccomp);
	int r = sys_setsid(k);

	if (r >= 0)
		r = sys_prctl(k, PR_SET_PDEATHSIG, SIGKILL, 0, 0);
	if (r >= 0)
		r = sys_dup2(k, state, STATE_FD);
	for (int fd = OUTPUT_FD; r >= 0 && fd <= 2; fd++)
		r = sys_dup2(k, output, fd);
	if (r >= 0)
		r = sys_close_range(k, 3, ~0U, 0);
	if (r >= 0)
		r = sys_chdir(k, stage == HOOK_START_CONTAINER ? "/" : p->bundle);
	if (r >= 0)
		r = sys_umask(k, 0022);
	if (r >= 0)
		r = sys_unblock_signals(k);
	if (r >= 0 && filtered)
		r = sys_seccomp_load(k, &p->filter, 0);
	if (r >= 0)
		r = sys_execve(k, h->path, h->argv, h->envp);
	(void)!sys_write(k, 2, sorry, sizeof(sorry) - 1);
	for (;;)
		(void)sys_exit(k, r == -ENOENT ? 127 : 126);
}

/* --- whoever waits for it --- */

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* The last of what it says, in one line. */
static void remember(char said[SAID_MAX], const char *text, size_t n)
{
	size_t used = strlen(said);

	for (size_t i = 0; i < n; i++) {
		if (used == SAID_MAX - 1)
			memmove(said, said + 1, used--);
		said[used++] = text[i] == '\n' || text[i] == '\t' ? ' ' : text[i];
		said[used] = '\0';
	}
	while (used && said[used - 1] == ' ')
		said[--used] = '\0';
}

static void drain(const struct sys *k, int fd, char said[SAID_MAX])
{
	char text[512];
	ssize_t n;

	while ((n = sys_recv(k, fd, text, sizeof(text), MSG_DONTWAIT)) > 0)
		remember(said, text, (size_t)n);
}

/* Until it ends or its time is up; its wait status, or -errno. */
static int await(const struct sys *k, pid_t pid, int pidfd, int output, unsigned seconds, char said[SAID_MAX], bool *late)
{
	uint64_t end = seconds ? now_ms() + (uint64_t)seconds * 1000 : UINT64_MAX;
	struct pollfd fds[] = { { .fd = pidfd, .events = POLLIN }, { .fd = output, .events = POLLIN } };
	int status = 0;

	*late = false;
	while (!(fds[0].revents & POLLIN)) {
		uint64_t now = now_ms(), left = end == UINT64_MAX ? 1000 : end > now ? end - now : 0;

		if (left == 0 && !*late) {
			*late = true;
			end = UINT64_MAX;
			(void)kill(-pid, SIGKILL);	/* the group that it leads since setsid(2) ... */
			(void)!sys_pidfd_send_signal(k, pidfd, SIGKILL);	/* ... and itself, should it not have come so far */
			continue;
		}
		if (poll(fds, 2, left > 1000 ? 1000 : (int)left) < 0 && errno != EINTR)
			return -errno;
		if (fds[1].revents)
			drain(k, output, said);
		if (fds[1].revents & POLLHUP)
			fds[1].fd = -1;
	}
	drain(k, output, said);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return status;
}

static int blame(const struct plan_hook *h, enum hook_stage stage, size_t i, int status, bool late, const char *said, struct err *e)
{
	char how[48];

	if (late)
		snprintf(how, sizeof(how), "did not end within %u s", h->timeout);
	else if (status < 0)
		snprintf(how, sizeof(how), "cannot be waited for");
	else if (WIFSIGNALED(status))
		snprintf(how, sizeof(how), "was killed by signal %d", WTERMSIG(status));
	else
		snprintf(how, sizeof(how), "failed with %d", WEXITSTATUS(status));
	err_set(e, ERR_LAUNCH, status < 0 ? status : 0, NULL, "the hook %.40s %s%s%s", h->path, how, *said ? ": " : "", said);
	return err_at(e, "/hooks/%s/%zu", stages[stage].name, i);
}

/* A file in memory: whether it is read, and how much of it, is the hook's business and cannot hold us. */
static int write_state(const struct sys *k, const struct plan *p, enum hook_stage stage, pid_t pid)
{
	char tail[64];
	int fd = sys_memfd_create(k, "state"), r = fd;
	int n = snprintf(tail, sizeof(tail), "\"status\":\"%s\",\"pid\":%d}\n", stages[stage].status, pid);

	if (r >= 0)
		r = sys_write(k, fd, p->hook_state, strlen(p->hook_state));
	if (r >= 0)
		r = sys_write(k, fd, tail, (size_t)n);
	if (r >= 0)
		r = sys_lseek(k, fd, 0);
	if (r < 0 && fd >= 0)
		(void)!sys_close(k, fd);
	return r < 0 ? r : fd;
}

static int run_one(const struct sys *k, const struct plan *p, enum hook_stage stage, size_t i, pid_t container, struct err *e)
{
	const struct plan_hook *h = &p->hooks[stage].v[i];
	int pidfd = -1, output[2] = { -1, -1 }, status = -1, state = write_state(k, p, stage, container), r = state;
	struct clone_args args = { .flags = CLONE_PIDFD, .pidfd = (uintptr_t)&pidfd, .exit_signal = SIGCHLD };
	char said[SAID_MAX] = "";
	bool late = false;

	if (r >= 0)
		r = sys_socketpair(k, SOCK_STREAM, output);
	if (r >= 0)
		r = sys_clone3(k, &args, sizeof(args));
	if (r == 0)
		be_hook(k, p, stage, h, state, output[1]);
	if (output[1] >= 0)
		(void)!sys_close(k, output[1]);
	if (r > 0) {
		status = await(k, r, pidfd, output[0], h->timeout, said, &late);
		(void)!sys_close(k, pidfd);
	}
	if (output[0] >= 0)
		(void)!sys_close(k, output[0]);
	if (state >= 0)
		(void)!sys_close(k, state);
	if (r < 0) {
		err_set(e, ERR_LAUNCH, r, NULL, "cannot run the hook %.60s", h->path);
		return err_at(e, "/hooks/%s/%zu", stages[stage].name, i);
	}
	return late || status != 0 ? blame(h, stage, i, status, late, said, e) : 0;
}

int hooks_run(const struct sys *k, const struct plan *p, enum hook_stage stage, pid_t pid, struct err *e)
{
	for (size_t i = 0; i < p->hooks[stage].n; i++)
		if (run_one(k, p, stage, i, pid, e) < 0)
			return -1;
	return 0;
}

/* --- the rows --- */

static bool runtime_has(const struct plan *p)
{
	return p->hooks[HOOK_PRESTART].n || p->hooks[HOOK_CREATE_RUNTIME].n;
}

int hooks_of_runtime(struct launch *l, struct err *e)
{
	struct err said = { 0 };
	ssize_t n;
	int r;

	if (!runtime_has(l->plan))
		return 0;
	while ((n = sys_recv(l->sys, l->report[0], &said, sizeof(said), 0)) == -EINTR)
		;
	if (n == sizeof(said) && said.kind != ERR_NONE) {
		*e = said;
		return -1;
	}
	if (n != 1)
		return err_set(e, ERR_LAUNCH, n < 0 ? (int)n : 0, "the kernel log may tell: AppArmor, no memory, a signal",
			       "the child died before its hooks could run");
	if (hooks_run(l->sys, l->plan, HOOK_PRESTART, l->pid, e) < 0 || hooks_run(l->sys, l->plan, HOOK_CREATE_RUNTIME, l->pid, e) < 0)
		return -1;
	r = sys_send(l->sys, l->report[0], "h", 1);
	return r < 0 ? err_set(e, ERR_LAUNCH, r, NULL, "the child died while its hooks ran") : 0;
}

int hooks_in_container(struct launch *l, struct err *e)
{
	char word;
	int r = runtime_has(l->plan) ? sys_send(l->sys, l->report[1], "m", 1) : 0;
	ssize_t n = 1;

	if (r >= 0 && runtime_has(l->plan))
		n = sys_recv(l->sys, l->report[1], &word, 1, 0);
	if (r < 0 || n != 1)
		return err_set(e, ERR_LAUNCH, r < 0 ? r : n < 0 ? (int)n : EPIPE, NULL, "the parent went away");
	return hooks_run(l->sys, l->plan, HOOK_CREATE_CONTAINER, getpid(), e);
}
