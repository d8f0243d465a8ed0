/* cgroup_path.c - a leaf at a path that somebody else chose: an engine, or systemd.
 *
 * What is made on the way and which controllers it hands down is as runc and crun do it, since engines rely on that: all that
 * there are, as far as the kernel grants it, so that usage is counted even where nothing is limited. What the plan
 * limits is asked for by name at the end: a limit without its controller is an error, never a file that is not there. */
#include "cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

/* One write for all; where that is refused, one by one: a controller that cannot be had must not cost the others. */
static void hand_down(const struct sys *k, int dir)
{
	char list[256], all[512] = "", one[64];
	ssize_t n = sys_read_file(k, dir, "cgroup.controllers", list, sizeof(list));
	char *save = NULL;

	for (char *name = n > 0 ? strtok_r(list, " \n", &save) : NULL; name; name = strtok_r(NULL, " \n", &save))
		snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s+%.40s", all[0] ? " " : "", name);
	if (!all[0] || sys_write_file(k, dir, "cgroup.subtree_control", all) >= 0)
		return;
	for (char *name = strtok_r(all, " ", &save); name; name = strtok_r(NULL, " ", &save)) {
		snprintf(one, sizeof(one), "%s", name);
		(void)!sys_write_file(k, dir, "cgroup.subtree_control", one);
	}
}

/* Into the directory of this name, made if it is not there; the one above is closed. */
static int step_into(const struct sys *k, int above, const char *name)
{
	int r = sys_mkdir(k, above, name, 0755);

	if (r >= 0 || r == -EEXIST)
		r = sys_open(k, above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	(void)!sys_close(k, above);
	return r;
}

/* From the root of the tree to the directory of the leaf. */
static int walk(struct launch *l, const char *path, struct err *e)
{
	const char *leaf = strrchr(path, '/');
	int mount = cgroup2_mount(l->sys);
	/* O_PATH is not enough to make something in it. */
	int dir = mount < 0 ? mount : sys_open(l->sys, mount, ".", O_RDONLY | O_DIRECTORY);
	char name[256];

	if (mount >= 0)
		(void)!sys_close(l->sys, mount);
	for (const char *at = path; dir >= 0; at += 1 + strlen(name)) {
		hand_down(l->sys, dir);
		if (at == leaf)
			break;
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(at + 1, "/"), at + 1);
		dir = step_into(l->sys, dir, name);
	}
	l->cgroup_base = dir;
	if (dir < 0)
		return err_set(e, ERR_HOST, dir, dir == -ENOENT ? "is a cgroup v2 tree mounted at /sys/fs/cgroup?" :
			       dir == -EACCES || dir == -EROFS ? "a user needs a cgroup that was delegated to them" : NULL,
			       "cannot make the way to the cgroup %s", path);
	return 0;
}

/* An empty one may be there: from an engine that made it, or of a container that was killed. */
static int enter(struct launch *l, const char *path, struct err *e)
{
	const char *leaf = strrchr(path, '/') + 1;
	char events[256];
	int r = sys_mkdir(l->sys, l->cgroup_base, leaf, 0755);
	bool there = r == -EEXIST;

	if (r >= 0 || there)
		r = l->cgroup = sys_open(l->sys, l->cgroup_base, leaf, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	if (r < 0)
		return err_set(e, ERR_HOST, r, NULL, "cannot make the cgroup %s", path);
	if (!there || sys_read_file(l->sys, l->cgroup, "cgroup.events", events, sizeof(events)) < 0)
		return 0;
	/* Not ours to kill, then: the launch ends without touching it. systemd's own has whoever asked for it in it. */
	if (l->plan->cgroup.scope)
		return 0;
	if (cgroup2_value(events, "populated") || cgroup2_value(events, "frozen")) {
		(void)!sys_close(l->sys, l->cgroup);
		l->cgroup = -1;
		return err_set(e, ERR_HOST, 0, "another container's, or of one that was not deleted", "the cgroup %s is %s", path,
			       cgroup2_value(events, "populated") ? "in use" : "frozen");
	}
	return 0;
}

static int require(const struct launch *l, const char *path, struct err *e)
{
	char list[258] = " ", word[64];
	ssize_t n = sys_read_file(l->sys, l->cgroup, "cgroup.controllers", list + 1, sizeof(list) - 1);

	for (char *c = list; n > 0 && *c; c++)
		if (*c == '\n')
			*c = ' ';
	for (size_t i = 0; n >= 0 && i < l->plan->n_limits; i++) {
		const struct limit *limit = &l->plan->limits[i];

		snprintf(word, sizeof(word), " %.*s ", (int)strcspn(limit->file, "."), limit->file);
		if (strcmp(word, " cgroup ") == 0 || strstr(list, word))
			continue;
		err_set(e, ERR_HOST, 0, "it is in use by cgroup v1, not in this kernel, or not handed down to there (cgroup.subtree_control)",
			"no controller for %s in the cgroup %s", limit->file, path);
		return err_at(e, "%s", limit->pointer);
	}
	return n < 0 ? err_set(e, ERR_HOST, (int)n, NULL, "cannot read the controllers of the cgroup %s", path) : 0;
}

int cgroup_open_path(struct launch *l, struct err *e)
{
	const char *path = l->cgroup_path;
	int r = walk(l, path, e);

	if (r == 0)
		r = enter(l, path, e);
	if (r == 0)
		r = require(l, path, e);
	if (r < 0)
		cgroup_close(l);
	return r;
}
