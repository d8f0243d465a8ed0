/* verb_kill.c - kill and delete: a container's end, and what remains after it. */
#include "create.h"
#include "runtime.h"

#include "../base/sys.h"
#include "../launch/cgroup_held.h"
#include "../launch/unit.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <strings.h>

enum { KILLED_WAIT_MS = 10000, ENDING_WAIT_MS = 2000 };

static const struct option kill_options[] = { { "all", no_argument, NULL, 'a' }, { "help", no_argument, NULL, 'h' }, { 0 } };
static const struct option delete_options[] = { { "force", no_argument, NULL, 'f' }, { "help", no_argument, NULL, 'h' }, { 0 } };

/* "9", "KILL", "SIGKILL", "rtmin+1" */
static int parse_signal(const char *text, int *ret, struct err *e)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (isdigit((unsigned char)*text) && !*end && n > 0 && n < NSIG) {
		*ret = (int)n;
		return 0;
	}
	if (strncasecmp(text, "SIG", 3) == 0)
		text += 3;
	for (int sig = 1; sig < SIGRTMIN; sig++)
		if (sigabbrev_np(sig) && strcasecmp(sigabbrev_np(sig), text) == 0) {
			*ret = sig;
			return 0;
		}
	if (strncasecmp(text, "RTM", 3) == 0) {
		bool max = strncasecmp(text, "RTMAX", 5) == 0;

		n = text[5] ? strtol(text + 5, &end, 10) + (max ? SIGRTMAX : SIGRTMIN) : (end = (char *)text + 5, max ? SIGRTMAX : SIGRTMIN);
		if ((max || strncasecmp(text, "RTMIN", 5) == 0) && !*end && n >= SIGRTMIN && n <= SIGRTMAX) {
			*ret = (int)n;
			return 0;
		}
	}
	return err_set(e, ERR_USAGE, 0, "a number or a name of signal(7)", "there is no signal '%.32s'", text);
}

static int send_signal(const struct oci_container *c, int sig, struct err *e)
{
	_auto(close_fd) int fd = oci_container_pidfd(c);
	int r = fd < 0 ? fd : sys_pidfd_send_signal(&sys_kernel, fd, sig);

	if (r == -ESRCH)	/* in the words that engines look for */
		return err_set(e, ERR_USAGE, 0, NULL, "container not running: '%s'", c->state.name);
	return r < 0 ? err_set(e, ERR_HOST, r, NULL, "cannot signal the container '%s'", c->state.name) : 0;
}

static int kill_and_wait(const struct oci_container *c, struct err *e)
{
	_auto(close_fd) int fd = oci_container_pidfd(c);
	int r = fd < 0 ? fd : sys_pidfd_send_signal(&sys_kernel, fd, SIGKILL);

	if (r == -ESRCH)
		return 0;
	if (r >= 0)
		r = sys_poll(&sys_kernel, fd, POLLIN, KILLED_WAIT_MS);
	return r > 0 ? 0 : err_set(e, ERR_HOST, r < 0 ? r : ETIMEDOUT, NULL, "the container '%s' does not end", c->state.name);
}

/* Those of its cgroup: a container whose pid namespace is another's does not end with its first process. */
static int signal_all(const struct oci_container *c, int sig, struct err *e)
{
	const char *path = oci_container_cgroup_path(c);
	const bool ends_as_one = !oci_container_may_leave(c);
	_auto(close_fd) int dir = cgroup_hold(&sys_kernel, path);
	ssize_t n;

	/* Nobody of it is left; or systemd took the empty cgroup away at once: whoever kills must hear that it does not run. */
	if (dir == -ENOENT || (ends_as_one && oci_container_status(c) == OCI_STOPPED))
		return send_signal(c, sig, e);
	if (ends_as_one && sig == SIGKILL)
		return kill_and_wait(c, e);
	if (dir < 0)
		return err_set(e, ERR_HOST, dir, NULL, "cannot open the cgroup %s", path);
	/* SIGKILL in one step: nobody forks away from it. */
	n = sig == SIGKILL ? cgroup_empty(&sys_kernel, dir) : cgroup_signal(&sys_kernel, dir, sig);
	return n < 0 ? err_set(e, ERR_HOST, (int)n, NULL, "cannot signal all of the container '%s'", c->state.name) : 0;
}

static int kill_verb(struct runtime *rt, int argc, char **argv, struct err *e)
{
	_auto(oci_container_close) struct oci_container c = OCI_CONTAINER_NONE;
	int sig = SIGTERM;

	if (argc == 2 && parse_signal(argv[1], &sig, e) < 0)
		return -1;
	if (the_container(rt, argc == 2 ? 1 : argc, argv, false, &c, e) < 0)
		return -1;
	return rt->all && oci_container_cgroup_path(&c) ? signal_all(&c, sig, e) : send_signal(&c, sig, e);
}

/* A scope's is systemd's to remove: it does not notice when somebody else does. One of a launch that was killed before it named a
 * process goes by itself, once it is empty. */
static int stop_scope(const struct oci_container *c, int dir, const struct runtime *rt, struct err *e)
{
	const char *scope = json_string_value(json_object_get(c->json, "scope"));

	if (!scope || c->pid == 0 || unit_stop(&sys_kernel, scope, e) == 0)
		return 0;
	if (dir != -ENOENT && (dir < 0 || cgroup_is_populated(&sys_kernel, dir) > 0))
		return -1;
	oci_warn_of(rt, e);	/* nothing runs in it */
	*e = (struct err){ 0 };
	return 0;
}

/* Another's processes are never killed for it, and their cgroup stays. */
static int remove_cgroup(const struct oci_container *c, const struct runtime *rt, struct err *e)
{
	const char *path = oci_container_cgroup_path(c);
	_auto(close_fd) int dir = path ? cgroup_hold(&sys_kernel, path) : -ENOENT;

	if (dir >= 0 && oci_container_may_leave(c)) {
		if (cgroup_empty(&sys_kernel, dir) == -EBUSY)
			return err_set(e, ERR_HOST, EBUSY, "a process in it does not end (state D in ps)", "cannot empty the cgroup %s", path);
	} else if (dir >= 0 && cgroup_await_empty(&sys_kernel, dir, ENDING_WAIT_MS) == 0) {
		struct err why = { 0 };

		err_set(&why, ERR_HOST, 0, NULL, "the cgroup %.150s stays: processes are in it that are not this container's", path);
		oci_warn_of(rt, &why);
		return 0;
	}
	if (stop_scope(c, dir, rt, e) < 0)
		return -1;
	return path ? cgroup_remove(&sys_kernel, path, e) : 0;
}

static int delete_it(struct oci_container *c, const struct runtime *rt, struct err *e)
{
	enum oci_status status = oci_container_status(c);

	if (status != OCI_STOPPED && !rt->force)
		return err_set(e, ERR_USAGE, 0, "kill it, or use --force", "cannot delete container '%s' that is not stopped: %s",
			       c->state.name, oci_status_name(status));
	if (status != OCI_STOPPED && kill_and_wait(c, e) < 0)
		return -1;
	if (remove_cgroup(c, rt, e) < 0)
		return -1;
	return oci_container_end(c, rt, -1, e);
}

/* Whoever holds the lock may wait for a hook that hangs: the container's process ends without it. */
static void kill_unlocked(const struct runtime *rt, int argc, char **argv)
{
	_auto(oci_container_close) struct oci_container c = OCI_CONTAINER_NONE;
	struct err ignored = { 0 };
	_auto(close_fd) int fd = the_container(rt, argc, argv, false, &c, &ignored) < 0 ? -1 : oci_container_pidfd(&c);

	if (fd >= 0)
		(void)!sys_pidfd_send_signal(&sys_kernel, fd, SIGKILL);
}

static int delete_verb(struct runtime *rt, int argc, char **argv, struct err *e)
{
	_auto(oci_container_close) struct oci_container c = OCI_CONTAINER_NONE;
	int r;

	if (rt->force)
		kill_unlocked(rt, argc, argv);
	r = the_container(rt, argc, argv, true, &c, e);
	if (r < 0 && rt->force && c.state.lock >= 0) {	/* it is there, but its state cannot be read */
		oci_warn_of(rt, e);
		*e = (struct err){ 0 };
		r = 0;
	}
	if (r == 0)
		return delete_it(&c, rt, e);
	if (!rt->force || e->sys != ENOENT)
		return -1;
	*e = (struct err){ 0 };	/* that is what was wanted */
	return 0;
}

const struct verb verb_kill = {
	.name = "kill", .usage = "[--all] ID [SIGNAL]", .summary = "send a signal (TERM) to a container", .shorts = "ah", .longs = kill_options,
	.run = kill_verb,
};
const struct verb verb_delete = {
	.name = "delete", .usage = "[--force] ID", .summary = "remove what remains of a container that has stopped", .shorts = "fh",
	.longs = delete_options, .run = delete_verb,
};
