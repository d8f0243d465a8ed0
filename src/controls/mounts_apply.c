/* mounts_apply.c - the child's half of the mounts: what the parent holds is moved into place, and the
 * file systems that show the container's own namespaces are made here, inside them.
 *
 * The launcher's files (hosts, masks) are staged on the old tree's /proc, since a single file can be
 * cloned only from a tree that is attached; the stage goes away with the old root. */
#include "mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>

static int fail(struct err *e, int r, const char *what, const char *target)
{
	return err_set(e, ERR_LAUNCH, r, NULL, "cannot %s '%s'", what, target);
}

static int attach_root(struct launch *l, struct err *e)
{
	const struct mount_attr private = { .propagation = MS_PRIVATE };
	int at = sys_open(l->sys, AT_FDCWD, "/", O_PATH | O_DIRECTORY), r = at;

	/* Where we attach must have no peers: nothing of ours may show up on the host. */
	if (r >= 0)
		r = sys_mount_setattr(l->sys, at, AT_RECURSIVE, &private);
	if (r >= 0 && !l->plan->listed)
		r = sys_move_mount(l->sys, l->files, AT_FDCWD, "/proc");
	if (r >= 0)
		r = sys_move_mount(l->sys, l->rootfs, AT_FDCWD, "/");
	if (at >= 0)
		(void)!sys_close(l->sys, at);
	return r < 0 ? fail(e, r, "attach", l->plan->rootfs) : 0;
}

/* subset: the process directories and nothing else (proc(5), 5.8).
 * devpts: every one is an instance of its own since 4.7; made outside the host's mount namespace it gets none of the
 * ptys that the host keeps for itself; no gid: the tty group does not exist inside. */
static const struct pair pid_only[] = { { "subset", "pid" } };
static const struct pair ptys[] = { { "ptmxmode", "0666" }, { "mode", "0620" }, { "max", "256" } };

/* A file system that belongs to the namespaces of whoever mounts it. */
static int make_kernel_fs(struct launch *l, const struct plan_mount *m)
{
	static const char *const types[] = { [PLAN_PROC] = "proc", [PLAN_SYSFS] = "sysfs", [PLAN_MQUEUE] = "mqueue",
					     [PLAN_CGROUP2] = "cgroup2", [PLAN_DEVPTS] = "devpts" };
	size_t n = m->kind == PLAN_DEVPTS ? COUNT(ptys) : m->kind == PLAN_PROC && m->mode ? COUNT(pid_only) : 0;

	return mounts_new_fs(l, types[m->kind], m->kind == PLAN_DEVPTS ? ptys : pid_only, n, m->attrs, NULL);
}

static const char *name_below(const struct launch *l, const struct plan_mount *m)
{
	return m->target + strlen(l->plan->mounts[m->below].target) + 1;
}

/* Puts a tree where mount i belongs: onto the held target, or by the kernel's own names below /proc and /sys. */
static int put(struct launch *l, size_t i, int tree)
{
	const struct plan_mount *m = &l->plan->mounts[i];

	if (l->target[i] >= 0)
		return sys_move_mount(l->sys, tree, l->target[i], "");
	return sys_move_mount(l->sys, tree, l->tree[m->below], name_below(l, m));
}

/* Does this kernel lack the path? Asked before a tree is copied for it: letting go of a copy that found no place
 * makes the kernel wait for a grace period (dissolve_on_fput()). */
static bool is_absent(struct launch *l, const struct plan_mount *m)
{
	struct statx st;

	return m->optional &&
	       sys_statx(l->sys, l->tree[m->below], name_below(l, m), AT_SYMLINK_NOFOLLOW, STATX_TYPE, &st) == -ENOENT;
}

static int put_copy(struct launch *l, size_t i, int from, const char *name, bool recursive, uint64_t attrs)
{
	const struct mount_attr attr = { .attr_set = attrs };
	int tree = sys_open_tree(l->sys, from, name, OPEN_TREE_CLONE | (recursive ? AT_RECURSIVE : 0)), r = tree;

	if (r >= 0 && attrs)
		r = sys_mount_setattr(l->sys, tree, recursive ? AT_RECURSIVE : 0, &attr);
	if (r >= 0)
		r = put(l, i, tree);
	if (tree >= 0)
		(void)!sys_close(l->sys, tree);
	return r;
}

static int apply_one(struct launch *l, size_t i, struct err *e)
{
	const struct plan_mount *m = &l->plan->mounts[i];
	int r;

	if (is_absent(l, m))
		return 0;	/* there is nothing to mask; verify asks again */
	switch (m->kind) {
	case PLAN_BIND:
	case PLAN_TMPFS:
	case PLAN_SECRETS:
	case PLAN_DEVICE:
		r = put(l, i, l->tree[i]);
		break;
	case PLAN_FILE:
		r = put_copy(l, i, l->files, m->source, false, 0);
		break;
	case PLAN_READONLY:
		r = put_copy(l, i, l->tree[m->below], name_below(l, m), m->recursive, m->attrs);
		break;
	default:
		if (l->tree[i] < 0)
			l->tree[i] = make_kernel_fs(l, m);
		r = l->tree[i] < 0 ? l->tree[i] : put(l, i, l->tree[i]);
		if (m->kind == PLAN_PROC)
			l->proc = l->tree[i];
		break;
	}
	if (r == -EPERM && (m->kind == PLAN_PROC || m->kind == PLAN_SYSFS))
		return err_set(e, ERR_HOST, r, "the host's /proc or /sys is partly covered (a container, or Protect*= of the unit)",
			       "cannot mount '%s' in a user namespace", m->target);
	return r < 0 ? fail(e, r, "mount", m->target) : 0;
}

static int apply_all(struct launch *l, bool masks, struct err *e)
{
	for (size_t i = 0; i < l->plan->n_mounts; i++)
		if ((l->plan->mounts[i].control == CONTROL_masks) == masks && apply_one(l, i, e) < 0)
			return -1;
	return 0;
}

int mounts_apply(struct launch *l, struct err *e)
{
	if (attach_root(l, e) < 0)
		return -1;
	return l->plan->listed ? mounts_listed_apply(l, false, e) : apply_all(l, false, e);
}

int masks_apply(struct launch *l, struct err *e)
{
	return l->plan->listed ? mounts_listed_apply(l, true, e) : apply_all(l, true, e);
}

/* pivot_root(2), "pivot_root(".", ".")": the old root ends up on top of the new one, and is let go. Without it, the old root
 * stays below the new one. */
int pivot_apply(struct launch *l, struct err *e)
{
	int r = sys_fchdir(l->sys, l->rootfs);

	if (r >= 0 && l->plan->no_pivot) {
		r = sys_chroot(l->sys, ".");
	} else if (r >= 0) {
		r = sys_pivot_root(l->sys);
		if (r >= 0)
			r = sys_umount(l->sys, ".", MNT_DETACH);
	}
	if (r >= 0)
		r = sys_chdir(l->sys, "/");
	if (r < 0)
		return err_set(e, ERR_LAUNCH, r, r == -EINVAL ? "pivot_root needs a host root that is a mount, not the initramfs" : NULL,
			       "cannot leave the host's root");
	return l->plan->listed ? mounts_listed_finish(l, e) : 0;
}
