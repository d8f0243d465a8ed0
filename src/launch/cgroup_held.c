/* cgroup_held.c - the freezer, and the end of a cgroup; see cgroup_held.h.
 *
 * Both are requests that take effect later (cgroup-v2.rst, "Core Interface Files"): cgroup.events says when, and wakes
 * whoever polls it. */
#include "cgroup_held.h"

#include "../base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>

int cgroup_hold(const struct sys *k, const char *path)
{
	int mount = cgroup2_mount(k), dir;

	if (mount < 0)
		return mount;
	while (*path == '/')
		path++;
	dir = sys_open(k, mount, *path ? path : ".", O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	(void)!sys_close(k, mount);
	return dir;
}

/* 1: the key of cgroup.events has this value. */
static int event_is(const struct sys *k, int dir, const char *key, bool want)
{
	char text[256];
	ssize_t n = sys_read_file(k, dir, "cgroup.events", text, sizeof(text));

	return n < 0 ? (int)n : (cgroup2_value(text, key) != 0) == want;
}

/* The same, once it has; 0 when the time (ms) is up. */
static int wait_for(const struct sys *k, int dir, const char *key, bool want, int time)
{
	enum { SLICE = 100 };	/* the kernel wakes us; but not for what happened before the file was opened */
	int fd = sys_open(k, dir, "cgroup.events", O_RDONLY), r;
	char text[256];

	while ((r = event_is(k, dir, key, want)) == 0 && time > 0) {
		if (fd >= 0)
			(void)!sys_read(k, fd, text, sizeof(text));
		(void)!sys_poll(k, fd, POLLPRI, SLICE);
		time -= SLICE;
	}
	if (fd >= 0)
		(void)!sys_close(k, fd);
	return r;
}

int cgroup_is_frozen(const struct sys *k, int dir)
{
	return event_is(k, dir, "frozen", true);
}

int cgroup_is_populated(const struct sys *k, int dir)
{
	return event_is(k, dir, "populated", true);
}

int cgroup_freeze(const struct sys *k, int dir, bool frozen, struct err *e)
{
	int r = sys_write_file(k, dir, "cgroup.freeze", frozen ? "1" : "0");

	if (r >= 0)
		r = wait_for(k, dir, "frozen", frozen, FREEZE_PATIENCE);
	if (r < 0)
		return err_set(e, ERR_HOST, r, r == -ENOENT ? "the root of a cgroup tree has no freezer, nor has Linux before 5.2" : NULL,
			       "cannot %s the cgroup", frozen ? "freeze" : "thaw");
	if (r > 0)
		return 0;
	if (frozen)
		(void)!sys_write_file(k, dir, "cgroup.freeze", "0");
	return err_set(e, ERR_HOST, 0, frozen ? "a process waits in the kernel (state D in ps): it runs on, as do the others" :
		       "a cgroup above it is frozen", "the cgroup was not %s within %d s", frozen ? "frozen" : "thawed", FREEZE_PATIENCE / 1000);
}

/* --- its end --- */

enum { HELD_AT_ONCE = 32 };

static bool among(const pid_t *pids, ssize_t n, pid_t pid)
{
	while (n > 0 && pids[n - 1] != pid)
		n--;
	return n > 0;
}

/* Held by descriptors first, which cannot become other processes any more, and then asked once more whether they are in it. */
static ssize_t signal_some(const struct sys *k, int dir, const pid_t *pids, ssize_t n, int sig, int *why)
{
	_auto(free_mem) pid_t *now = NULL;
	ssize_t n_now, done = 0;
	int fd[HELD_AT_ONCE];

	for (ssize_t i = 0; i < n; i++)
		fd[i] = sys_pidfd_open(k, pids[i]);
	n_now = cgroup_processes(k, dir, &now);
	for (ssize_t i = 0; i < n; i++) {
		int r = fd[i] < 0 ? fd[i] : n_now < 0 ? (int)n_now : among(now, n_now, pids[i]) ? sys_pidfd_send_signal(k, fd[i], sig) : -ESRCH;

		done += r >= 0;
		if (r < 0 && r != -ESRCH && *why == 0)
			*why = r;
		if (fd[i] >= 0)
			(void)!sys_close(k, fd[i]);
	}
	return done;
}

ssize_t cgroup_signal(const struct sys *k, int dir, int sig)
{
	_auto(free_mem) pid_t *pids = NULL;
	ssize_t n = cgroup_processes(k, dir, &pids), done = 0;
	int why = n < 0 ? (int)n : 0;

	for (ssize_t i = 0; i < n; i += HELD_AT_ONCE)
		done += signal_some(k, dir, pids + i, n - i < HELD_AT_ONCE ? n - i : HELD_AT_ONCE, sig, &why);
	return done ? done : why;
}

/* Linux before 5.14 has no cgroup.kill; later ones signal the first thread of each process with it, which is nothing to a process
 * whose first thread has ended (__cgroup_kill()). A pidfd's signal is for all threads. Frozen meanwhile: nobody forks away. */
static int kill_each(const struct sys *k, int dir)
{
	ssize_t n;

	(void)!sys_write_file(k, dir, "cgroup.freeze", "1");
	n = cgroup_signal(k, dir, SIGKILL);
	(void)!sys_write_file(k, dir, "cgroup.freeze", "0");	/* for which a signal waits */
	return n < 0 ? (int)n : 0;
}

int cgroup_empty(const struct sys *k, int dir)
{
	enum { ROUNDS = 100 };
	int r = 0;

	for (int left = ROUNDS; left && (r = event_is(k, dir, "populated", false)) == 0; left--) {
		r = sys_write_file(k, dir, "cgroup.kill", "1");
		if (r == -ENOENT)
			r = kill_each(k, dir);
		else if (left < ROUNDS)
			(void)!kill_each(k, dir);
		if (r < 0)
			return r;
		r = wait_for(k, dir, "populated", false, 100);
		if (r != 0)
			break;
	}
	return r < 0 ? r : r == 0 ? -EBUSY : 0;
}

int cgroup_await_empty(const struct sys *k, int dir, int time)
{
	return wait_for(k, dir, "populated", false, time);
}

int cgroup_remove(const struct sys *k, const char *path, struct err *e)
{
	int mount = cgroup2_mount(k), dir = mount < 0 ? mount : cgroup_hold(k, path), r = dir;

	while (*path == '/')
		path++;
	if (r >= 0 && *path) {
		r = cgroup_is_populated(k, dir) > 0 ? -EBUSY : 0;
		if (r == 0)
			cgroup2_remove_below(k, dir);
		/* Whoever ended holds it for a moment longer. */
		for (int left = 50; r == 0 && left && (r = sys_unlink(k, mount, path, AT_REMOVEDIR)) == -EBUSY; left--) {
			(void)!sys_poll(k, -1, 0, 10);
			r = left > 1 ? 0 : r;
		}
	}
	if (dir >= 0)
		(void)!sys_close(k, dir);
	if (mount >= 0)
		(void)!sys_close(k, mount);
	if (r >= 0 || r == -ENOENT || r == -ENODEV)
		return 0;
	return err_set(e, ERR_HOST, r, r == -EBUSY ? "there are processes in it" : NULL, "cannot remove the cgroup /%s", path);
}

/* --- its processes --- */

struct pids { pid_t *pid; size_t n, size; };

static bool add(struct pids *to, const char *text)
{
	pid_t *more = to->pid;

	if (to->n == to->size) {
		more = reallocarray(to->pid, to->size * 2 + 64, sizeof(*more));
		if (!more)
			return false;
		to->size = to->size * 2 + 64;
	}
	to->pid = more;
	to->pid[to->n++] = (pid_t)strtol(text, NULL, 10);
	return true;
}

static int read_pids(void *ctx, const struct sys *k, int dir, const char *name)
{
	struct pids *to = ctx;
	char file[300], text[4096];
	size_t kept = 0;
	ssize_t n;
	int fd;

	snprintf(file, sizeof(file), "%s/cgroup.procs", name);
	fd = sys_open(k, dir, file, O_RDONLY);
	n = fd;
	/* A line that is cut waits for its rest. */
	while (n >= 0 && (n = sys_read(k, fd, text + kept, sizeof(text) - kept - 1)) > 0) {
		char *at = text, *end;

		text[kept + (size_t)n] = '\0';
		for (; n >= 0 && (end = strchr(at, '\n')); at = end + 1)
			n = add(to, at) ? n : -ENOMEM;
		kept = strlen(at);
		memmove(text, at, kept);
	}
	if (fd >= 0)
		(void)!sys_close(k, fd);
	/* A threaded cgroup's processes are its domain's (cgroups(7)): they are found there. */
	return n == -EOPNOTSUPP || n == -ENOENT || n == -ENODEV ? 0 : (int)n;
}

ssize_t cgroup_processes(const struct sys *k, int dir, pid_t **ret)
{
	struct pids all = { 0 };
	int r = read_pids(&all, k, dir, ".");

	if (r >= 0)
		r = cgroup2_below(k, dir, read_pids, &all);
	if (r < 0) {
		free(all.pid);
		all.pid = NULL;
	}
	*ret = all.pid;
	return r < 0 ? r : (ssize_t)all.n;
}
