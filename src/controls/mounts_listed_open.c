/* mounts_listed_open.c - the parent's half of listed mounts: what is taken from the host's tree, and what only the owner of a
 * namespace that the container does not have for itself may make. All of it detached, with its attributes on. */
#include "mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>

static int refuse(const struct plan_mount *m, struct err *e)
{
	return err_at(e, "%s", m->pointer ? m->pointer : "/mounts");
}

static int propagate(struct launch *l, int tree, unsigned flags)
{
	const struct mount_attr attr = { .propagation = flags & ~(unsigned)MS_REC };

	return sys_mount_setattr(l->sys, tree, flags & MS_REC ? AT_RECURSIVE : 0, &attr);
}

/* A copy starts out in the peer groups of its original. Where sharing is asked for it stays there, but a user namespace of its
 * own may only hear of the host's mounts (mount_namespaces(7)); where listening is, all of it listens first. */
int mounts_propagate(struct launch *l, int tree, const unsigned *flags, bool copy)
{
	unsigned all = 0;
	int r = 0;

	for (size_t i = 0; i < PROPAGATIONS_MAX && flags[i]; i++)
		all |= flags[i];
	if (copy && (!(all & MS_SHARED) || l->plan->own_userns))
		r = propagate(l, tree, MS_REC | (all & (MS_SHARED | MS_SLAVE) ? MS_SLAVE : MS_PRIVATE));
	for (size_t i = 0; r >= 0 && i < PROPAGATIONS_MAX && flags[i]; i++)
		r = propagate(l, tree, flags[i]);
	return r;
}

static int change(struct launch *l, int tree, const struct plan_mount *m)
{
	const struct mount_attr plain = { .attr_set = m->attrs, .attr_clr = m->wish->clear };
	const struct mount_attr deep = { .attr_set = m->wish->deep_set, .attr_clr = m->wish->deep_clear };
	int r = 0;

	if (deep.attr_set || deep.attr_clr)
		r = sys_mount_setattr(l->sys, tree, AT_RECURSIVE, &deep);
	if (r >= 0 && (plain.attr_set || plain.attr_clr))
		r = sys_mount_setattr(l->sys, tree, 0, &plain);
	return r;
}

static int copy_tree(struct launch *l, const char *path, bool exact, bool recursive, const unsigned *propagation)
{
	int at = exact ? sys_open_exact(l->sys, AT_FDCWD, path, O_PATH) : sys_open_beneath(l->sys, AT_FDCWD, path, O_PATH, false), tree, r;

	if (at < 0)
		return at;
	tree = sys_open_tree(l->sys, at, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | (recursive ? AT_RECURSIVE : 0));
	r = tree < 0 ? tree : mounts_propagate(l, tree, propagation, true);
	(void)!sys_close(l->sys, at);
	if (r < 0 && tree >= 0)
		(void)!sys_close(l->sys, tree);
	return r < 0 ? r : tree;
}

static const char *bind_hint(const struct launch *l, int r)
{
	return r == -ENOENT ? "create it on the host first" :
	       r == -ELOOP && l->plan->floor ? "under the host's floor no link is followed: name the real place" :
	       r == -ELOOP ? "a source must not lead through /proc/PID/fd, cwd, root and the like" :
	       r == -EINVAL ? "is it on an unbindable mount?" : NULL;
}

static int open_bind(struct launch *l, size_t i, struct err *e)
{
	const struct plan_mount *m = &l->plan->mounts[i];
	const char *what = "take";
	/* The floor held the place against its own, not the link (judge_host.c). */
	int r = l->tree[i] = copy_tree(l, m->source, l->plan->floor != NULL, m->recursive, m->wish->propagation);

	if (r >= 0) {
		what = "change the attributes of";
		r = change(l, l->tree[i], m);
	}
	if (r >= 0 && m->wish->idmap) {
		what = "map the ids of";
		r = mounts_idmap_by(l, l->tree[i], m->wish->idmap, m->wish->deep_idmap);
	}
	if (r >= 0)
		return 0;
	err_set(e, ERR_HOST, r, *what == 't' ? bind_hint(l, r) :
		*what == 'm' ? "it needs root and file systems that can (ext4, xfs, btrfs; tmpfs since 6.3), each mapped once" : NULL,
		"cannot %s '%s'", what, m->source);
	return refuse(m, e);
}

/* Which namespace a file system shows: its maker must own that one. */
static const struct { const char *type, *host; uint64_t flag; } shown[] = {
	{ "sysfs", "/sys", CLONE_NEWNET }, { "mqueue", NULL, CLONE_NEWIPC }, { "cgroup2", "/sys/fs/cgroup", CLONE_NEWCGROUP },
};

/* What the container does not have anew we are in ourselves by now, unless only somebody in its user namespace may enter it; and we
 * may own it where the child, in that user namespace, does not. */
static int open_shown(struct launch *l, size_t i, struct err *e)
{
	const struct plan_mount *m = &l->plan->mounts[i];
	const unsigned private[] = { MS_REC | MS_PRIVATE, 0, 0, 0 };
	struct fs_refusal why;
	size_t k = 0;
	int r;

	while (k < COUNT(shown) && strcmp(shown[k].type, m->wish->type) != 0)
		k++;
	if (k == COUNT(shown) || (l->plan->clone_flags | l->late) & shown[k].flag)
		return 0;
	r = mounts_new_fs(l, m->wish->type, m->wish->options, m->wish->n_options, m->attrs, &why);
	/* Who is not root of the host owns none of its namespaces, and sees what the host has there. */
	if (r == -EPERM && shown[k].host) {
		const struct plan_mount host = { .attrs = m->attrs, .wish = &(struct mount_wish){ .deep_set = m->attrs } };

		r = copy_tree(l, shown[k].host, false, true, private);
		l->tree[i] = r;
		r = r < 0 ? r : change(l, r, &host);
	} else {
		l->tree[i] = r;
	}
	if (r >= 0)
		return 0;
	err_set(e, ERR_HOST, r, "give the container the namespace that it shows, too", "cannot make the %s for '%s'", m->wish->type,
		m->target);
	return refuse(m, e);
}

static int open_root(struct launch *l, struct err *e)
{
	const unsigned propagation[PROPAGATIONS_MAX] = { l->plan->root_propagation & MS_SLAVE ? l->plan->root_propagation : 0 };
	struct statx st;
	int r = l->rootfs = copy_tree(l, l->plan->rootfs, false, true, propagation);

	if (r >= 0)
		r = sys_statx(l->sys, l->rootfs, "", AT_EMPTY_PATH, STATX_TYPE, &st);
	if (r >= 0 && !S_ISDIR(st.stx_mode))
		r = -ENOTDIR;
	if (r >= 0)
		return 0;
	err_set(e, ERR_HOST, r, r == -EPERM ? "the runtime needs CAP_SYS_ADMIN" : "it must be a directory", "cannot take the rootfs '%s'",
		l->plan->rootfs);
	return err_at(e, "/root/path");
}

int mounts_listed_open(struct launch *l, struct err *e)
{
	if (open_root(l, e) < 0)
		return -1;
	for (size_t i = 0; i < l->plan->n_mounts; i++) {
		enum mount_kind kind = l->plan->mounts[i].kind;

		if ((kind == PLAN_BIND && open_bind(l, i, e) < 0) || (kind == PLAN_FS && open_shown(l, i, e) < 0))
			return -1;
	}
	return 0;
}
