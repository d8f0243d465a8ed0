/* join.c - see join.h.
 *
 * The child goes through the one child order, from the same plan as the workload; only the rows that make the container are
 * left out, since it is there. Two things differ from a launch:
 *
 * - Its namespaces are entered by a stage process (stage.c).
 * - The container's /proc is the workload's word. The child brings ours, held by a descriptor that is closed at exec, and
 *   from the first moment neither it nor the stage can be looked into (CVE-2016-9962). */
#include "join.h"
#include "../base/cgroup2.h"
#include "../controls/namespaces.h"
#include "../controls/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>

/* Only what is mounted there can hold a rule of Landlock's. What else is planned is made by nobody now. */
static bool holds_rules(const struct plan_mount *m)
{
	return m->kind == PLAN_BIND || m->kind == PLAN_TMPFS || m->kind == PLAN_DEVICE || m->kind == PLAN_MQUEUE || m->kind == PLAN_DEVPTS;
}

static int open_mounts(struct launch *l, struct err *e)
{
	for (size_t i = 0; i < l->plan->n_mounts; i++) {
		const struct plan_mount *m = &l->plan->mounts[i];

		if (!holds_rules(m))
			continue;
		l->tree[i] = sys_open_exact(l->sys, l->rootfs, m->target, O_PATH | O_NOFOLLOW);
		if (l->tree[i] < 0 && !(l->tree[i] == -ENOENT && m->optional))
			return err_set(e, ERR_HOST, l->tree[i], NULL, "cannot find the container's '%s'", m->target);
	}
	return 0;
}

/* The pidfd was opened when the pid was certain. That the process still lives proves that what was opened by its pid is its own. */
static int still_there(struct launch *l, struct err *e)
{
	int r = sys_poll(l->sys, l->joined_fd, POLLIN, 0);

	return r == 0 ? 0 : err_set(e, ERR_HOST, r, NULL, "the container has just ended");
}

static bool has_cgroup(const struct plan *p)
{
	return p->n_limits || p->cgroup.wanted;
}

/* Where the new process is to be found: the reading back asks for it, in the child too, so it is known before there is one. */
static int note_cgroup(struct launch *l, int proc, struct err *e)
{
	const char *below = l->plan->cgroup.path ? l->plan->cgroup.path + strspn(l->plan->cgroup.path, "/") : "";
	int dir = has_cgroup(l->plan) ? cgroup2_open_of(l->sys, proc, l->cgroup_path) : 0;
	size_t n = strlen(l->cgroup_path);

	if (dir < 0)
		return err_set(e, ERR_HOST, dir, NULL, "cannot find the container's cgroup");
	if (dir > 0)
		(void)!sys_close(l->sys, dir);
	if (*below)
		snprintf(l->cgroup_path + n, sizeof(l->cgroup_path) - n, "/%s", below);
	return 0;
}

int join_open(struct launch *l, struct err *e)
{
	char path[32];
	int proc, r;

	if (!l->plan->joins)
		return 0;
	if (undumpable_apply(l, e) < 0)
		return -1;
	snprintf(path, sizeof(path), "/proc/%d", l->joined);
	proc = sys_open(l->sys, AT_FDCWD, path, O_PATH | O_DIRECTORY);
	l->proc = sys_open(l->sys, AT_FDCWD, "/proc", O_PATH | O_DIRECTORY);
	l->rootfs = proc < 0 ? proc : sys_open(l->sys, proc, "root", O_PATH | O_DIRECTORY);
	if (proc < 0 || l->rootfs < 0 || l->proc < 0)
		r = err_set(e, ERR_HOST, proc < 0 ? proc : l->rootfs < 0 ? l->rootfs : l->proc,
			    "run it as whoever started the container", "cannot look into the container");
	else
		r = note_cgroup(l, proc, e) < 0 ? -1 : namespaces_of(l, proc, e);
	if (proc >= 0)
		(void)!sys_close(l->sys, proc);
	if (r < 0 || (!waived(l->plan, CONTROL_landlock) && open_mounts(l, e) < 0))
		return -1;
	return still_there(l, e);
}

/* --- the cgroup --- */

/* A container without a cgroup of its own may be in the one that we are in. */
static bool is_ours(struct launch *l, const char *where)
{
	char ours[CGROUP2_PATH_MAX];
	int proc = sys_open(l->sys, l->proc, "self", O_PATH | O_DIRECTORY), dir = proc < 0 ? proc : cgroup2_open_of(l->sys, proc, ours);

	if (proc >= 0)
		(void)!sys_close(l->sys, proc);
	if (dir >= 0)
		(void)!sys_close(l->sys, dir);
	return dir >= 0 && strcmp(ours, where) == 0;
}

/* A part of the container's own cgroup, if one is named. */
static int go_below(struct launch *l, int dir, char where[CGROUP2_PATH_MAX])
{
	const char *path = l->plan->joins ? l->plan->cgroup.path : NULL;
	int below;

	if (!path || !path[strspn(path, "/")])
		return dir;
	below = sys_open_beneath(l->sys, dir, path + strspn(path, "/"), O_RDONLY | O_DIRECTORY, false);
	where[0] = '\0';	/* certainly not ours */
	(void)!sys_close(l->sys, dir);
	return below;
}

static bool is_frozen(struct launch *l, int dir)
{
	char text[256];

	return sys_read_file(l->sys, dir, "cgroup.events", text, sizeof(text)) > 0 && cgroup2_value(text, "frozen");
}

int join_cgroup(struct launch *l, struct err *e)
{
	char path[32], where[CGROUP2_PATH_MAX], text[16];
	int proc, dir, r;

	if (!l->plan->joins || !has_cgroup(l->plan))
		return 0;
	snprintf(path, sizeof(path), "/proc/%d", l->joined);
	proc = sys_open(l->sys, AT_FDCWD, path, O_PATH | O_DIRECTORY);
	dir = proc < 0 ? proc : cgroup2_open_of(l->sys, proc, where);
	if (proc >= 0)
		(void)!sys_close(l->sys, proc);
	if (dir < 0)
		return err_set(e, ERR_HOST, dir, NULL, "cannot find the container's cgroup");
	dir = go_below(l, dir, where);
	if (dir < 0)
		return err_set(e, ERR_HOST, dir, NULL, "cannot find '%s' in the container's cgroup", l->plan->cgroup.path);
	snprintf(text, sizeof(text), "%d", l->pid);
	r = still_there(l, e);
	if (r == 0 && !l->plan->cgroup.frozen && is_frozen(l, dir))
		r = err_set(e, ERR_USAGE, 0, "resume it first", "the container is paused");
	if (r == 0 && !is_ours(l, where) && (r = sys_write_file(l->sys, dir, "cgroup.procs", text)) < 0)
		r = err_set(e, ERR_HOST, r, r == -EACCES || r == -EPERM ? "run it in the slice that the container was started in, or as root" : NULL,
			    "cannot put a process under the container's limits");
	(void)!sys_close(l->sys, dir);
	return r;
}
