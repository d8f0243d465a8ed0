/* mounts_nodes.c - the device nodes of a container with listed mounts, and the links that programs expect in /dev.
 *
 * A node is made by its one name in a held directory: an image whose /dev, or /dev/null, is a link or another file changes
 * nothing elsewhere (CVE-2026-41579, CVE-2026-88264). Where nobody may make nodes, the host's own is bound, if it is one. */
#include "mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>

static int fail(const struct plan_mount *m, struct err *e, int r, const char *hint, const char *what)
{
	err_set(e, ERR_HOST, r, hint, "cannot %s '%s'", what, m->target);
	return m->pointer ? err_at(e, "%s", m->pointer) : -1;
}

static bool is_same(const struct statx *st, const struct plan_node *n)
{
	return (st->stx_mode & S_IFMT) == (n->mode & S_IFMT) &&
	       (S_ISFIFO(n->mode) || (st->stx_rdev_major == n->major && st->stx_rdev_minor == n->minor));
}

/* The host's device, taken only for what it has to be (CVE-2025-31133: /dev/null was not one). */
static int take_host(struct launch *l, const struct plan_mount *m)
{
	const struct mount_attr attr = { .attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC };
	struct statx st;
	int at = sys_open_beneath(l->sys, AT_FDCWD, m->source, O_PATH | O_NOFOLLOW, false), r = at, tree = -1;

	if (r >= 0)
		r = sys_statx(l->sys, at, "", AT_EMPTY_PATH, STATX_TYPE, &st);
	if (r >= 0 && !is_same(&st, m->node))
		r = -ENODEV;
	if (r >= 0)
		r = tree = sys_open_tree(l->sys, at, "", AT_EMPTY_PATH | OPEN_TREE_CLONE);
	if (r >= 0)
		r = sys_mount_setattr(l->sys, tree, 0, &attr);
	if (at >= 0)
		(void)!sys_close(l->sys, at);
	if (r < 0 && tree >= 0)
		(void)!sys_close(l->sys, tree);
	return r < 0 ? r : tree;
}

static int bind_node(struct launch *l, size_t i, int dir, const char *name, struct err *e)
{
	const struct plan_mount *m = &l->plan->mounts[i];
	int tree = take_host(l, m), r = tree < 0 ? tree : sys_create(l->sys, dir, name, O_RDONLY, 0644), place;

	if (tree < 0)
		return fail(m, e, tree, "in a user namespace nobody makes devices: the host needs the same one there", "bind the device");
	if (r >= 0)
		r = sys_close(l->sys, r);
	else if (r == -EEXIST)
		r = 0;
	place = r < 0 ? r : sys_open_exact(l->sys, dir, name, O_PATH);
	r = place < 0 ? place : sys_move_mount(l->sys, tree, place, "");
	if (r >= 0)
		r = mounts_note_id(l, i, tree);
	if (place >= 0)
		(void)!sys_close(l->sys, place);
	(void)!sys_close(l->sys, tree);
	return r < 0 ? fail(m, e, r, NULL, "bind the device") : 0;
}

/* config-linux.md, "Devices": a file that is there already and is another one is an error. An empty file is a place to bind on. */
static int judge_existing(struct launch *l, size_t i, int dir, const char *name, bool *bindable, struct err *e)
{
	const struct plan_mount *m = &l->plan->mounts[i];
	struct statx st = { 0 };
	int r = sys_statx(l->sys, dir, name, AT_SYMLINK_NOFOLLOW, STATX_TYPE | STATX_SIZE, &st);

	*bindable = r >= 0 && S_ISREG(st.stx_mode) && st.stx_size == 0;
	if (r >= 0 && is_same(&st, m->node))
		return 1;
	if (r == -ENOENT || *bindable)
		return 0;
	return fail(m, e, r < 0 ? r : -EEXIST, "remove it from the image, or mount a tmpfs on /dev", "make the device");
}

static int make(struct launch *l, size_t i, int dir, const char *name, struct err *e)
{
	const struct plan_mount *m = &l->plan->mounts[i];
	const struct plan_node *n = m->node;
	bool bindable;
	int r = judge_existing(l, i, dir, name, &bindable, e);

	if (r != 0)
		return r < 0 ? -1 : 0;
	r = sys_mknod(l->sys, dir, name, n->mode, n->major, n->minor);
	if (r == -EPERM && !S_ISFIFO(n->mode))
		return bind_node(l, i, dir, name, e);
	/* An empty file was in the way of a node, and in nobody's way that binds. */
	if (r == -EEXIST && bindable)
		return l->plan->own_userns ? bind_node(l, i, dir, name, e)
					   : fail(m, e, r, "remove it from the image, or mount a tmpfs on /dev", "make the device");
	if (r >= 0 && (n->uid || n->gid))
		r = sys_chown_at(l->sys, dir, name, n->uid, n->gid);
	return r < 0 ? fail(m, e, r, NULL, "make the device") : 0;
}

int mounts_node(struct launch *l, size_t i, struct err *e)
{
	const struct plan_mount *m = &l->plan->mounts[i];
	const char *name = strrchr(m->target, '/') + 1;
	char dir[PATH_MAX];
	int at, r;

	snprintf(dir, sizeof(dir), "%.*s", name - m->target > 1 ? (int)(name - m->target - 1) : 1, m->target);
	at = mounts_target(l, l->rootfs, dir, true);
	if (at < 0)
		return fail(m, e, at, NULL, "make the directory of");
	r = make(l, i, at, name, e);
	(void)!sys_close(l->sys, at);
	return r;
}

/* --- links --- */

static int make_link(struct launch *l, int dev, const char *target, const char *name, bool ours)
{
	char there[64];
	int r = sys_symlink(l->sys, target, dev, name);

	if (r != -EEXIST)
		return r;
	if (!ours || (sys_readlink(l->sys, dev, name, there, sizeof(there)) >= 0 && strcmp(there, target) == 0))
		return 0;
	r = sys_unlink(l->sys, dev, name, 0);
	return r < 0 ? r : sys_symlink(l->sys, target, dev, name);
}

/* ptmx must be the container's own: the image's would lead to whatever devpts it was made for. */
int mounts_dev_links(struct launch *l, struct err *e)
{
	static const struct { const char *target, *name; bool ours; } links[] = {
		{ "/proc/self/fd", "fd", false }, { "/proc/self/fd/0", "stdin", false }, { "/proc/self/fd/1", "stdout", false },
		{ "/proc/self/fd/2", "stderr", false }, { "/proc/kcore", "core", false }, { "pts/ptmx", "ptmx", true },
	};
	int dev = mounts_target(l, l->rootfs, "/dev", true), r = dev;

	for (size_t i = 0; r >= 0 && i < COUNT(links); i++) {
		struct statx st;

		if (strcmp(links[i].name, "core") != 0 || sys_statx(l->sys, AT_FDCWD, links[i].target, 0, STATX_TYPE, &st) >= 0)
			r = make_link(l, dev, links[i].target, links[i].name, links[i].ours);
	}
	if (dev >= 0)
		(void)!sys_close(l->sys, dev);
	return r < 0 ? err_set(e, ERR_HOST, r, "mount a tmpfs on /dev", "cannot make the links in /dev") : 0;
}
