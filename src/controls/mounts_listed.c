/* mounts_listed.c - the child's half of listed mounts: one after the other, as they are listed, each onto the place that its
 * path leads to by then. */
#include "mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>

enum { OPTIONS_MAX = 128 };

/* At the place where it was asked for. */
static int fail(const struct plan_mount *m, struct err *e, int r, const char *hint, const char *what)
{
	err_set(e, ERR_HOST, r, hint, "cannot %s '%s'", what, m->target);
	return m->pointer ? err_at(e, "%s", m->pointer) : -1;
}

int mounts_note_id(struct launch *l, size_t i, int tree)
{
	struct statx st;
	int r = sys_statx(l->sys, tree, "", AT_EMPTY_PATH, STATX_MNT_ID, &st);

	if (r >= 0)
		l->mount_id[i] = st.stx_mnt_id;
	return r;
}

/* --- file systems --- */

static bool is_type(const struct plan_mount *m, const char *type)
{
	return m->kind == PLAN_FS && strcmp(m->wish->type, type) == 0;
}

static int refused(const struct plan_mount *m, struct err *e, int r, const struct fs_refusal *why)
{
	const char *hint = why->no_type ? "load its module, or see /proc/filesystems" :
			   r == -ENAMETOOLONG ? "the kernel takes 255 bytes of an option" :
			   r == -EPERM ? "its namespace belongs to another user namespace, or the host's own is partly covered" : NULL;

	if (why->option)
		err_set(e, ERR_HOST, r, hint, "%s does not take the option '%s'%s%s", m->wish->type, why->option,
			*why->words ? ": " : "", why->words);
	else
		err_set(e, ERR_HOST, r, hint, "cannot make the %s for '%s'%s%s", m->wish->type, m->target, *why->words ? ": " : "", why->words);
	return m->pointer ? err_at(e, "%s", m->pointer) : -1;
}

/* A tmpfs without a mode has that of the directory it covers, as engines expect of /tmp. */
static size_t add_mode(struct launch *l, const struct plan_mount *m, int target, struct pair *o, size_t n, char mode[12])
{
	struct statx st;

	for (size_t i = 0; i < n; i++)
		if (strcmp(o[i].name, "mode") == 0)
			return n;
	if (!is_type(m, "tmpfs") || sys_statx(l->sys, target, "", AT_EMPTY_PATH, STATX_MODE, &st) < 0)
		return n;
	snprintf(mode, 12, "%o", st.stx_mode & 07777U);
	o[n] = (struct pair){ "mode", mode };
	return n + 1;
}

static int make_fs(struct launch *l, size_t i, int target, struct err *e)
{
	const struct plan_mount *m = &l->plan->mounts[i];
	/* What is mounted or copied into a tmpfs has to find room: it becomes read-only in the end. */
	uint64_t attrs = is_type(m, "tmpfs") ? m->attrs & ~(uint64_t)MOUNT_ATTR_RDONLY : m->attrs;
	struct pair o[OPTIONS_MAX + 1];
	struct fs_refusal why;
	size_t n = m->wish->n_options;
	char mode[12];
	int r;

	if (n > OPTIONS_MAX)
		return fail(m, e, -E2BIG, NULL, "give that many options to");
	memcpy(o, m->wish->options, n * sizeof(*o));
	n = add_mode(l, m, target, o, n, mode);
	r = l->tree[i] = mounts_new_fs(l, m->wish->type, o, n, attrs, &why);
	if (r < 0)
		return refused(m, e, r, &why);
	r = mounts_propagate(l, l->tree[i], m->wish->propagation, false);
	if (r < 0)
		return fail(m, e, r, NULL, "set the propagation of");
	r = m->wish->copy_up ? mounts_copy_up(l, target, l->tree[i]) : 0;
	return r < 0 ? fail(m, e, r, "is there room for it?", "copy what the image has at") : 0;
}

/* --- one mount --- */

static bool is_below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return strncmp(path, dir, n) == 0 && path[n] == '/';
}

/* Where the way to mount i begins: what goes below a proc or sysfs of ours begins there, so that nobody who may rename things in the
 * root can lead a mask past it. Unless a later mount covers that one. */
static int base_of(struct launch *l, size_t i, const char **rest)
{
	const struct plan_mount *v = l->plan->mounts;
	int base = l->rootfs;

	*rest = v[i].target;
	for (size_t k = 0; k < i; k++) {
		if (base != l->rootfs && (is_below(v[i].target, v[k].target) || strcmp(v[i].target, v[k].target) == 0) &&
		    strlen(v[k].target) <= (size_t)(*rest - v[i].target)) {
			base = l->rootfs;
			*rest = v[i].target;
		}
		if (v[k].wish && v[k].wish->own_dir && l->tree[k] >= 0 && is_below(v[i].target, v[k].target)) {
			base = l->tree[k];
			*rest = v[i].target + strlen(v[k].target);
		}
	}
	return base;
}

/* proc and sysfs stand where everybody looks for them, or masks and labels miss (CVE-2019-19921, CVE-2023-27561,
 * CVE-2023-28642): no link of the image's leads elsewhere. */
static int open_own_dir(struct launch *l, const struct plan_mount *m)
{
	int r = sys_open_exact(l->sys, l->rootfs, m->target, O_PATH | O_DIRECTORY);

	if (r != -ENOENT)
		return r;
	r = mounts_target(l, l->rootfs, m->target, true);
	if (r < 0)
		return r;
	(void)!sys_close(l->sys, r);
	return sys_open_exact(l->sys, l->rootfs, m->target, O_PATH | O_DIRECTORY);
}

static int open_place(struct launch *l, size_t i)
{
	const struct plan_mount *m = &l->plan->mounts[i];
	struct statx st = { .stx_mode = S_IFDIR };
	const char *path;
	int base, r = l->tree[i] < 0 ? 0 : sys_statx(l->sys, l->tree[i], "", AT_EMPTY_PATH, STATX_TYPE, &st);

	if (r < 0)
		return r;
	base = base_of(l, i, &path);
	return m->wish->own_dir ? open_own_dir(l, m) : mounts_target(l, base, path, S_ISDIR(st.stx_mode));
}

static const char *place_hint(const struct plan_mount *m, int r)
{
	if (r == -ELOOP || r == -ENOTDIR)
		return m->wish->own_dir ? "it must be a directory, reached through no symbolic link of the image's" : "symbolic links without end?";
	return r == -EROFS ? "the mount point is missing and the tree read-only: make it before" :
	       r == -EACCES ? "may the container's root write there?" : NULL;
}

static int put(struct launch *l, size_t i, struct err *e)
{
	const struct plan_mount *m = &l->plan->mounts[i];
	int place = open_place(l, i), r;

	if (place < 0)
		return fail(m, e, place, place_hint(m, place), "mount on");
	if (l->tree[i] < 0 && make_fs(l, i, place, e) < 0) {
		(void)!sys_close(l->sys, place);
		return -1;
	}
	r = sys_move_mount(l->sys, l->tree[i], place, "");
	(void)!sys_close(l->sys, place);
	if (r >= 0)
		r = mounts_note_id(l, i, l->tree[i]);
	if (r >= 0 && is_type(m, "proc") && l->proc < 0)
		l->proc = l->tree[i];
	return r < 0 ? fail(m, e, r, r == -ENOTDIR ? "a directory mounts on a directory, a file on a file" : NULL, "mount on") : 0;
}

/* mount(8), "remount": the file system takes its options, the mount its attributes. */
static int remount(struct launch *l, size_t i, struct err *e)
{
	const struct plan_mount *m = &l->plan->mounts[i];
	const struct mount_attr attr = { .attr_set = m->attrs, .attr_clr = m->wish->clear };
	struct fs_refusal why = { .words = "" };
	int at = sys_open_beneath(l->sys, l->rootfs, m->target, O_PATH, true), fs = -1, r = at;

	if (r >= 0 && m->wish->n_options)
		r = fs = sys_fspick(l->sys, at);
	for (size_t k = 0; r >= 0 && k < m->wish->n_options; k++) {
		r = mounts_configure(l, fs, &m->wish->options[k]);
		why.option = r < 0 ? m->wish->options[k].name : NULL;
	}
	if (r >= 0 && m->wish->n_options)
		r = sys_fsconfig(l->sys, fs, FSCONFIG_CMD_RECONFIGURE, NULL, NULL);
	if (fs >= 0)
		(void)!sys_close(l->sys, fs);
	if (r >= 0 && (attr.attr_set || attr.attr_clr))
		r = sys_mount_setattr(l->sys, at, 0, &attr);
	if (r >= 0)
		r = mounts_propagate(l, at, m->wish->propagation, false);
	if (at >= 0)
		(void)!sys_close(l->sys, at);
	if (why.option)
		return fail(m, e, r, why.option, "give the option in the hint to");
	return r < 0 ? fail(m, e, r, r == -EINVAL ? "is something mounted there?" : NULL, "remount") : 0;
}

/* --- masks --- */

static bool is_nothing(int r)
{
	return r == -ENOENT || r == -ENOTDIR;
}

static int put_copy(struct launch *l, size_t i, int from, const char *name, int place, uint64_t attrs)
{
	const struct mount_attr attr = { .attr_set = attrs };
	bool deep = !*name;
	int tree = sys_open_tree(l->sys, from, name, OPEN_TREE_CLONE | (deep ? AT_EMPTY_PATH | AT_RECURSIVE : 0)), r = tree;

	if (r >= 0 && attrs)
		r = sys_mount_setattr(l->sys, tree, deep ? AT_RECURSIVE : 0, &attr);
	if (r >= 0)
		r = sys_move_mount(l->sys, tree, place, "");
	if (r >= 0)
		r = mounts_note_id(l, i, tree);
	if (tree >= 0)
		(void)!sys_close(l->sys, tree);
	return r;
}

static int cover(struct launch *l, size_t i, struct err *e)
{
	const struct plan_mount *m = &l->plan->mounts[i];
	const char *path;
	int base = base_of(l, i, &path), place = sys_open_beneath(l->sys, base, path, O_PATH, true), r;
	struct statx st;

	if (is_nothing(place))
		return 0;
	r = place < 0 ? place : sys_statx(l->sys, place, "", AT_EMPTY_PATH, STATX_TYPE, &st);
	if (r >= 0 && m->kind == PLAN_READONLY)
		r = put_copy(l, i, place, "", place, MOUNT_ATTR_RDONLY);
	else if (r >= 0)
		r = put_copy(l, i, l->files, S_ISDIR(st.stx_mode) ? "empty.d" : "empty", place, 0);
	if (place >= 0)
		(void)!sys_close(l->sys, place);
	return r < 0 ? fail(m, e, r, NULL, m->kind == PLAN_READONLY ? "make read-only" : "mask") : 0;
}

/* --- all of them --- */

static bool is_mask(const struct plan_mount *m)
{
	return m->kind == PLAN_MASK || m->kind == PLAN_READONLY;
}

static int apply_one(struct launch *l, size_t i, struct err *e)
{
	switch (l->plan->mounts[i].kind) {
	case PLAN_MASK:
	case PLAN_READONLY: return cover(l, i, e);
	case PLAN_NODE: return mounts_node(l, i, e);
	case PLAN_REMOUNT: return remount(l, i, e);
	default: return put(l, i, e);
	}
}

/* Where no proc is mounted we still have to look at ourselves. */
static int hold_proc(struct launch *l, struct err *e)
{
	if (l->proc < 0)
		l->proc = sys_open(l->sys, AT_FDCWD, "/proc", O_PATH | O_DIRECTORY);
	return l->proc < 0 ? err_set(e, ERR_HOST, l->proc, "mount /proc", "cannot hold /proc") : 0;
}

/* A working directory that is missing is made: engines leave that to the runtime (Kubernetes, workingDir). Where it cannot be
 * made, who changes to it says so. */
static void make_cwd(struct launch *l)
{
	int r = l->plan->cwd_as_root ? mounts_target(l, l->rootfs, l->plan->cwd, true) : -1;

	if (r >= 0)
		(void)!sys_close(l->sys, r);
}

int mounts_listed_apply(struct launch *l, bool masks, struct err *e)
{
	struct statx st;
	int r;

	/* On the old tree's /proc, where files can be copied from; not earlier, for the hooks that still need it. */
	if (masks && l->files >= 0) {
		r = sys_move_mount(l->sys, l->files, AT_FDCWD, "/proc");
		if (r < 0)
			return err_set(e, ERR_LAUNCH, r, NULL, "cannot stage what masks");
	}
	r = sys_statx(l->sys, l->rootfs, "", AT_EMPTY_PATH, STATX_MNT_ID, &st);
	if (r < 0)
		return err_set(e, ERR_LAUNCH, r, NULL, "cannot tell the root");
	l->root_id = st.stx_mnt_id;
	for (size_t i = 0; i < l->plan->n_mounts; i++)
		if (is_mask(&l->plan->mounts[i]) == masks && apply_one(l, i, e) < 0)
			return -1;
	if (masks)
		return 0;
	make_cwd(l);
	return l->plan->dev_links && mounts_dev_links(l, e) < 0 ? -1 : hold_proc(l, e);
}

int mounts_listed_finish(struct launch *l, struct err *e)
{
	const struct plan *p = l->plan;
	const struct mount_attr ro = { .attr_set = MOUNT_ATTR_RDONLY }, root = { .attr_set = p->root_attrs };
	const unsigned last[PROPAGATIONS_MAX] = { p->root_propagation & (MS_SHARED | MS_UNBINDABLE) ? p->root_propagation : 0 };
	int r = 0;

	for (size_t i = 0; r >= 0 && i < p->n_mounts; i++)
		if (is_type(&p->mounts[i], "tmpfs") && p->mounts[i].attrs & MOUNT_ATTR_RDONLY) {
			r = sys_mount_setattr(l->sys, l->tree[i], 0, &ro);
			if (r < 0)
				return fail(&p->mounts[i], e, r, NULL, "make read-only");
		}
	if (p->root_attrs)
		r = sys_mount_setattr(l->sys, l->rootfs, 0, &root);
	/* Not before the pivot, which is for roots that share nothing (pivot_root(2)). */
	if (r >= 0)
		r = mounts_propagate(l, l->rootfs, last, false);
	return r < 0 ? err_set(e, ERR_LAUNCH, r, NULL, "cannot finish the root") : 0;
}
