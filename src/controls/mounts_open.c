/* mounts_open.c - the parent's half of the mounts: every tree is made or cloned detached, with its
 * attributes on before anybody can see it, and every target is opened, before the child exists.
 *
 * All places are held as descriptors from the first look to the move, so there is no name that a
 * hostile image or volume could exchange meanwhile (CVE-2021-30465, CVE-2024-45310 and a dozen
 * like them). A target inside the image must be there already and be reached without a symbolic
 * link; casemate writes only into tmpfs trees of its own. */
#include "mounts.h"
#include "../policy/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

static int set_attrs(struct launch *l, int tree, uint64_t attrs, bool recursive)
{
	/* Private: a clone starts out in the peer group of its original. */
	const struct mount_attr attr = { .attr_set = attrs, .propagation = MS_PRIVATE };

	return sys_mount_setattr(l->sys, tree, recursive ? AT_RECURSIVE : 0, &attr);
}

/* A detached copy of the tree at a held place. */
static int clone_tree(struct launch *l, int at, uint64_t attrs, bool recursive)
{
	int tree = sys_open_tree(l->sys, at, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | (recursive ? AT_RECURSIVE : 0));
	int r = tree < 0 ? tree : set_attrs(l, tree, attrs, recursive);

	if (r < 0 && tree >= 0)
		(void)!sys_close(l->sys, tree);
	return r < 0 ? r : tree;
}

/* --- trees --- */

/* `uid`, `gid` -1: ours. The attributes that would keep us from filling it come later. */
static int new_tmpfs(struct launch *l, const struct plan_mount *m, bool owned)
{
	char size[24], inodes[24], mode[12], uid[12], gid[12];
	const struct pair o[] = {
		{ "size", size }, { m->inodes ? "nr_inodes" : NULL, inodes }, { "mode", mode },
		{ owned ? "uid" : NULL, uid }, { owned ? "gid" : NULL, gid },
	};

	snprintf(size, sizeof(size), "%llu", (unsigned long long)m->size);
	snprintf(inodes, sizeof(inodes), "%llu", (unsigned long long)m->inodes);
	snprintf(mode, sizeof(mode), "%o", m->mode);
	snprintf(uid, sizeof(uid), "%u", l->plan->uid);
	snprintf(gid, sizeof(gid), "%u", l->plan->gid);
	return mounts_new_fs(l, "tmpfs", o, COUNT(o), m->attrs & ~(uint64_t)MOUNT_ATTR_RDONLY, NULL);
}

/* A device of the host, taken only for what it claims to be (CVE-2025-31133: /dev/null was not one). */
static int open_device(struct launch *l, const struct plan_mount *m, struct err *e)
{
	struct statx st;
	int at = sys_open_beneath(l->sys, AT_FDCWD, m->source, O_PATH | O_NOFOLLOW, false), r = at;

	if (r >= 0)
		r = sys_statx(l->sys, at, "", AT_EMPTY_PATH, STATX_TYPE, &st);
	if (r >= 0 && !S_ISCHR(st.stx_mode) && !S_ISBLK(st.stx_mode))
		r = -ENODEV;
	for (size_t i = 0; r >= 0 && i < tree_devices_len; i++)
		if (strcmp(tree_devices[i].path, m->source) == 0 &&
		    (tree_devices[i].major != st.stx_rdev_major || tree_devices[i].minor != st.stx_rdev_minor))
			r = -ENODEV;
	if (r >= 0)
		r = clone_tree(l, at, m->attrs, false);
	if (at >= 0)
		(void)!sys_close(l->sys, at);
	return r < 0 ? err_set(e, ERR_HOST, r, "is it a device node on this host?", "cannot take '%s'", m->source) : r;
}

static int at_entry(const struct plan_mount *m, struct err *e)
{
	return err_at(e, "%s", m->pointer ? m->pointer : "/mounts");
}

static int open_bind(struct launch *l, const struct plan_mount *m, struct err *e)
{
	/* No link on the way: whoever may exchange one would choose what is mounted (CVE-2024-42472). */
	int at = sys_open_exact(l->sys, AT_FDCWD, m->source, O_PATH);
	int r = at < 0 ? at : clone_tree(l, at, m->attrs, true);

	int mapped = r >= 0 && m->idmap ? mounts_idmap(l, r) : 0;

	if (at >= 0)
		(void)!sys_close(l->sys, at);
	if (mapped < 0) {
		(void)!sys_close(l->sys, r);
		err_set(e, ERR_HOST, mapped, mapped == -EACCES ? "a source that belongs to root is not mapped: chown it first" :
			"idmap needs root and a file system that can (ext4, xfs, btrfs; tmpfs since 6.3)",
			"cannot map the owner of '%s'", m->source);
		return at_entry(m, e);
	}
	if (r < 0) {
		err_set(e, ERR_HOST, r, r == -ENOENT ? "create it on the host first" :
			r == -ELOOP ? "a source must be no symbolic link, nor reached through one: name the real place" : NULL,
			"cannot take '%s'", m->source);
		return at_entry(m, e);
	}
	return r;
}

/* The tree of one mount, or -1 when only the child can make it; *e tells failure. */
static int open_source(struct launch *l, const struct plan_mount *m, struct err *e)
{
	int r = -1;

	switch (m->kind) {
	case PLAN_BIND:
		return open_bind(l, m, e);
	case PLAN_DEVICE:
		return open_device(l, m, e);
	case PLAN_SECRETS:
		r = l->secrets_view < 0 ? l->secrets_view : set_attrs(l, l->secrets_view, m->attrs, false);
		r = r < 0 ? r : l->secrets_view;
		l->secrets_view = -1;
		break;
	case PLAN_TMPFS:
		r = new_tmpfs(l, m, m->control == CONTROL_mounts && strcmp(m->target, "/dev") != 0);
		break;
	case PLAN_SYSFS:	/* shows the network namespace of whoever mounts it, and wants to own it */
		if (l->plan->clone_flags & CLONE_NEWNET)
			return -1;
		r = mounts_new_fs(l, "sysfs", NULL, 0, m->attrs, NULL);
		break;
	default:
		return -1;
	}
	if (r < 0)
		err_set(e, ERR_HOST, r, r == -EPERM && m->kind == PLAN_SYSFS ?
			"only the owner of a network namespace may: set \"sys\": false, or start as root" : NULL,
			"cannot make the file system for '%s'", m->target);
	return r;
}

/* --- targets --- */

static bool is_file(const struct plan_mount *m)
{
	return m->kind == PLAN_DEVICE || (m->kind == PLAN_FILE && strcmp(m->source, "empty.d") != 0);
}

/* In a tmpfs of ours what is missing is made: the directories on the way, then the mount point. */
static int make_target(struct launch *l, int tree, const char *path, bool dir)
{
	char name[256];
	int at = tree, r = 0;

	while (*path == '/')
		path++;
	for (;;) {
		size_t n = strcspn(path, "/");
		bool last = path[n] == '\0';
		int next;

		if (n >= sizeof(name))
			r = -ENAMETOOLONG;
		if (r < 0)
			break;
		memcpy(name, path, n);
		name[n] = '\0';
		if (last && !dir)
			next = sys_create(l->sys, at, name, O_RDONLY, 0444);
		else if ((r = sys_mkdir(l->sys, at, name, 0755)) >= 0 || r == -EEXIST)
			next = sys_open_exact(l->sys, at, name, O_PATH | O_DIRECTORY);
		else
			next = r;
		if (next == -EEXIST)
			next = sys_open_exact(l->sys, at, name, O_PATH);
		if (at != tree)
			(void)!sys_close(l->sys, at);
		r = at = next;
		if (last || next < 0)
			return r;
		path += n + 1;
	}
	if (at != tree)
		(void)!sys_close(l->sys, at);
	return r;
}

/* In the image or a bind it must exist, be of the right kind, and be no link. */
static int open_target(struct launch *l, int tree, const char *path, const struct plan_mount *m, bool source_is_dir)
{
	struct statx st;
	int at = sys_open_exact(l->sys, tree, path, O_PATH), r = at;

	if (r >= 0)
		r = sys_statx(l->sys, at, "", AT_EMPTY_PATH, STATX_TYPE, &st);
	if (r >= 0 && S_ISDIR(st.stx_mode) != source_is_dir)
		r = is_file(m) ? -EISDIR : -ENOTDIR;
	if (r < 0 && at >= 0)
		(void)!sys_close(l->sys, at);
	return r < 0 ? r : at;
}

static int source_is_dir(struct launch *l, size_t i)
{
	const struct plan_mount *m = &l->plan->mounts[i];
	struct statx st;
	int r;

	if (m->kind != PLAN_BIND)
		return !is_file(m);
	r = sys_statx(l->sys, l->tree[i], "", AT_EMPTY_PATH, STATX_TYPE, &st);
	return r < 0 ? r : S_ISDIR(st.stx_mode);
}

struct missing { char names[128]; size_t n; };

static void note_missing(struct missing *m, const char *target)
{
	size_t used = strlen(m->names);

	m->n++;
	snprintf(m->names + used, sizeof(m->names) - used, " %s", target);
}

static int open_one(struct launch *l, size_t i, struct missing *missing, struct err *e)
{
	const struct plan_mount *m = &l->plan->mounts[i];
	const struct plan_mount *holder = m->below < 0 ? NULL : &l->plan->mounts[m->below];
	const char *path = m->target + (holder ? strlen(holder->target) : 0);
	int tree = holder ? l->tree[m->below] : l->rootfs, dir, r;

	l->tree[i] = open_source(l, m, e);
	if (e->kind)
		return -1;
	if (tree < 0)		/* below /proc or /sys: the child makes that tree, and its places are the kernel's */
		return 0;
	dir = source_is_dir(l, i);
	if (dir < 0)
		return err_set(e, ERR_HOST, dir, NULL, "cannot look at the source of '%s'", m->target);
	if (holder && holder->kind == PLAN_TMPFS)
		r = make_target(l, tree, path, dir);
	else
		r = open_target(l, tree, path, m, dir);
	l->target[i] = r < 0 ? -1 : r;
	if (r == -ENOENT && m->optional)
		return 0;
	if (r == -ENOENT) {
		note_missing(missing, m->target);
		return 0;
	}
	if (r < 0) {
		err_set(e, ERR_HOST, r, r == -ELOOP ? "a mount point must be no symbolic link: name the real place" :
			"a directory mounts on a directory, a file on a file", "cannot mount on '%s'", m->target);
		return at_entry(m, e);
	}
	return 0;
}

/* --- the launcher's own files --- */

static int write_files(struct launch *l, int tree)
{
	int r = sys_mkdir(l->sys, tree, "empty.d", 0555);
	int fd = r < 0 ? r : sys_create(l->sys, tree, "empty", O_RDONLY, 0444);

	if (fd < 0)
		return fd;
	r = sys_close(l->sys, fd);
	for (size_t i = 0; r >= 0 && i < l->plan->n_files; i++) {
		const struct pair *f = &l->plan->files[i];

		fd = sys_create(l->sys, tree, f->name, O_WRONLY, 0444);
		r = fd;
		if (r >= 0 && *f->value)
			r = sys_write(l->sys, fd, f->value, strlen(f->value));
		if (fd >= 0)
			(void)!sys_close(l->sys, fd);
	}
	return r;
}

static int open_files(struct launch *l, struct err *e)
{
	static const struct plan_mount files = { .mode = 0755, .size = 256 << 10, .inodes = 64 };
	int r;

	l->files = new_tmpfs(l, &files, false);
	r = l->files < 0 ? l->files : write_files(l, l->files);
	if (r >= 0)
		r = set_attrs(l, l->files, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, false);
	return r < 0 ? err_set(e, ERR_HOST, r, NULL, "cannot make the container's own files") : 0;
}

/* --- the root --- */

static int open_root(struct launch *l, struct err *e)
{
	int at = sys_open_beneath(l->sys, AT_FDCWD, l->plan->rootfs, O_PATH | O_DIRECTORY, false);

	l->rootfs = at < 0 ? at : clone_tree(l, at, l->plan->root_attrs, true);
	if (at >= 0)
		(void)!sys_close(l->sys, at);
	if (l->rootfs < 0) {
		err_set(e, ERR_HOST, l->rootfs, l->rootfs == -EPERM ? "the launcher needs CAP_SYS_ADMIN or user namespaces" :
			"it must be a directory that the launcher can reach", "cannot take the rootfs '%s'", l->plan->rootfs);
		return err_at(e, "/rootfs");
	}
	return 0;
}

/* Our /dev: the links that programs expect; then it is complete and may become read-only. */
static int finish_dev(struct launch *l, size_t i, struct err *e)
{
	static const struct { const char *target, *name; } links[] = {
		{ "/proc/self/fd", "fd" }, { "/proc/self/fd/0", "stdin" }, { "/proc/self/fd/1", "stdout" },
		{ "/proc/self/fd/2", "stderr" }, { "pts/ptmx", "ptmx" },
	};
	bool dev = strcmp(l->plan->mounts[i].target, "/dev") == 0;
	int r = 0;

	if (dev && l->plan->notify && mounts_notify(l, l->tree[i], e) < 0)
		return -1;
	for (size_t k = 0; r >= 0 && k < COUNT(links) && dev; k++)
		r = sys_symlink(l->sys, links[k].target, l->tree[i], links[k].name);
	if (r >= 0)
		r = set_attrs(l, l->tree[i], l->plan->mounts[i].attrs, false);
	return r < 0 ? err_set(e, ERR_HOST, r, NULL, "cannot finish '%s'", l->plan->mounts[i].target) : 0;
}

static bool wants_files(const struct plan *p)
{
	for (size_t i = 0; i < p->n_mounts; i++)
		if (p->mounts[i].kind == PLAN_MASK)
			return true;
	return !p->listed;
}

int mounts_open(struct launch *l, struct err *e)
{
	struct missing missing = { .n = 0 };
	char hint[160];

	if (wants_files(l->plan) && open_files(l, e) < 0)
		return -1;
	if (l->plan->listed)
		return mounts_listed_open(l, e);
	if (open_root(l, e) < 0)
		return -1;
	for (size_t i = 0; i < l->plan->n_mounts; i++)
		if (open_one(l, i, &missing, e) < 0)
			return -1;
	if (missing.n) {
		snprintf(hint, sizeof(hint), "casemate never writes to the image; make them once: cd %.80s && mkdir/touch them",
			 l->plan->rootfs);
		err_set(e, ERR_HOST, ENOENT, hint, "the rootfs lacks %zu mount points:%s", missing.n, missing.names);
		return err_at(e, "/rootfs");
	}
	for (size_t i = 0; i < l->plan->n_mounts; i++)
		if (l->plan->mounts[i].kind == PLAN_TMPFS && (l->plan->mounts[i].attrs & MOUNT_ATTR_RDONLY) &&
		    finish_dev(l, i, e) < 0)
			return -1;
	return 0;
}
