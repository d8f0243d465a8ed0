/* detach.c - a launch that goes on in the background; see detach.h.
 *
 * There is no daemon that could keep a container: the supervisor itself goes on, in a session of its own, holding nothing
 * of the caller's. The caller waits until the workload runs, so that `-d` fails as loudly as a launch in the foreground. */
#include "detach.h"

#include "../base/cleanup.h"
#include "../base/sys.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

struct report {
	struct err why;
	char name[DETACH_NAME_MAX];
};

/* What the caller happened to have open (a lock, a pipe to somebody) must not live as long as the container. All
 * descriptors of ours are close-on-exec from birth: the others are the caller's. */
static void close_inherited(void)
{
	DIR *list = opendir("/proc/self/fd");

	for (struct dirent *d; list && (d = readdir(list));) {
		int fd = atoi(d->d_name), flags = fd > 2 ? fcntl(fd, F_GETFD) : -1;

		if (flags >= 0 && !(flags & FD_CLOEXEC))
			close(fd);
	}
	if (list)
		closedir(list);
}

static int wait_for_report(int fd, struct err *e)
{
	struct report r;
	ssize_t n;

	do
		n = read(fd, &r, sizeof(r));
	while (n < 0 && errno == EINTR);
	if (n != sizeof(r))
		return err_set(e, ERR_LAUNCH, n < 0 ? errno : 0, NULL, "the launch ended without a word");
	if (r.why.kind != ERR_NONE) {
		*e = r.why;
		return -1;
	}
	if (printf("%.*s\n", DETACH_NAME_MAX - 1, r.name) < 0 || fflush(stdout) != 0)
		return err_set(e, ERR_HOST, errno, "the container runs", "cannot print its name");
	return 1;
}

int detach(int *report, struct err *e)
{
	struct clone_args args = { .exit_signal = SIGCHLD };	/* a fork */
	_auto(close_fd) int ours = -1, theirs = -1;
	int fds[2], r;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_set(e, ERR_HOST, errno, NULL, "cannot go into the background");
	ours = fds[0];
	theirs = fds[1];
	r = sys_clone3(&sys_kernel, &args, sizeof(args));
	if (r < 0)
		return err_set(e, ERR_HOST, r, NULL, "cannot go into the background");
	if (r > 0) {
		close_fd(&theirs);
		return wait_for_report(ours, e);
	}
	close_inherited();
	*report = take_fd(&theirs);
	r = sys_setsid(&sys_kernel);
	if (r < 0) {
		err_set(e, ERR_LAUNCH, r, NULL, "cannot go into the background");
		detach_report(report, NULL, e);
		(void)sys_exit(&sys_kernel, err_exit_code(e));
	}
	return 0;
}

void detach_report(int *report, const char *name, const struct err *e)
{
	struct report r = { .why = *e };

	if (*report < 0)
		return;
	snprintf(r.name, sizeof(r.name), "%s", name ? name : "");
	/* One write of less than PIPE_BUF: all or nothing. Nobody may be waiting any more. */
	(void)!write(*report, &r, sizeof(r));
	close_fd(report);
}

int put_streams_away(bool output, struct err *e)
{
	_auto(close_fd) int none = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (none < 0 || dup2(none, STDIN_FILENO) < 0)
		return err_set(e, ERR_HOST, errno, NULL, "cannot open /dev/null");
	for (int fd = STDOUT_FILENO; output && fd <= STDERR_FILENO; fd++)
		if (dup2(none, fd) < 0)
			return err_set(e, ERR_HOST, errno, NULL, "cannot put standard output away");
	return 0;
}
