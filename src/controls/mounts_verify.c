/* mounts_verify.c - the kernel's own list of mounts against the plan's.
 *
 * Every planned mount must be there with its type and at least its restrictions; every mount that
 * was not planned must be a submount of a planned one, with the same restrictions; nothing may
 * have peers. That also shows that no mount of the host is left. */
#include "mounts.h"
#include "../base/procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

static const struct { uint64_t attr; const char *word; } words[] = {
	{ MOUNT_ATTR_RDONLY, "ro" }, { MOUNT_ATTR_NOSUID, "nosuid" },
	{ MOUNT_ATTR_NODEV, "nodev" }, { MOUNT_ATTR_NOEXEC, "noexec" },
};

static const char *lacks(const struct mount_line *m, uint64_t attrs)
{
	for (size_t i = 0; i < COUNT(words); i++)
		if (attrs & words[i].attr && !has_option(m->options, words[i].word))
			return words[i].word;
	return NULL;
}

static bool type_fits(enum mount_kind kind, const char *type)
{
	static const char *const want[] = { [PLAN_TMPFS] = "tmpfs", [PLAN_DEVPTS] = "devpts", [PLAN_PROC] = "proc",
					    [PLAN_SYSFS] = "sysfs", [PLAN_MQUEUE] = "mqueue", [PLAN_CGROUP2] = "cgroup2",
					    [PLAN_FILE] = "tmpfs", [PLAN_SECRETS] = "ramfs", [PLAN_READONLY] = NULL };

	return !want[kind] || strcmp(want[kind], type) == 0;
}

/* The planned mount that answers for a path: the path itself, or the nearest one above it; -1: the root. */
static int owner(const struct plan *p, const char *path, bool *exact)
{
	int best = -1;
	size_t longest = 0;

	*exact = false;
	for (size_t i = 0; i < p->n_mounts; i++) {
		size_t n = strlen(p->mounts[i].target);

		if (strncmp(path, p->mounts[i].target, n) != 0 || (path[n] != '/' && path[n] != '\0') || n < longest)
			continue;
		best = (int)i;
		longest = n;
		*exact = path[n] == '\0';
	}
	return best;
}

static int judge(const struct plan *p, const struct mount_line *m, int own, bool exact, struct err *e)
{
	const char *word = lacks(m, own < 0 ? p->root_attrs : p->mounts[own].attrs);

	if (word)
		return err_set(e, ERR_LAUNCH, 0, NULL, "'%s' is not mounted %s", m->target, word);
	if (m->shared)
		return err_set(e, ERR_LAUNCH, 0, NULL, "'%s' shares mounts with others", m->target);
	if (exact && !type_fits(p->mounts[own].kind, m->type))
		return err_set(e, ERR_LAUNCH, 0, NULL, "'%s' is a %s", m->target, m->type);
	if (exact && p->mounts[own].idmap && !has_option(m->options, "idmapped"))
		return err_set(e, ERR_LAUNCH, 0, NULL, "'%s' is not idmapped", m->target);
	/* Only a copied tree can bring submounts with it. */
	if (own >= 0 && !exact && !(p->mounts[own].kind == PLAN_BIND || p->mounts[own].kind == PLAN_READONLY))
		return err_set(e, ERR_LAUNCH, 0, NULL, "'%s' was not planned", m->target);
	return 0;
}

/* A mask may be missing only where there is nothing to mask. */
static bool is_absent(struct target *t, const char *path)
{
	char in_root[256];
	struct statx st;

	snprintf(in_root, sizeof(in_root), "root%s", path);	/* /proc/PID/root */
	return sys_statx(t->sys, t->proc, in_root, AT_SYMLINK_NOFOLLOW, STATX_TYPE, &st) == -ENOENT;
}

static int verify(const struct plan *p, struct target *t, char value[VALUE_MAX], struct err *e, enum control_id control)
{
	char *at = t->scratch;
	bool seen[LIST_MAX * 2 + 64] = { false }, exact, root = false;
	struct mount_line m;
	int r, own, n = 0;

	if (t->mountinfo[0] == '\0') {
		ssize_t got = sys_read_file(t->sys, t->proc, "mountinfo", t->mountinfo, sizeof(t->mountinfo));

		if (got <= 0)
			return err_set(e, ERR_LAUNCH, got < 0 ? (int)got : EIO, NULL, "cannot read mountinfo");
	}
	memcpy(t->scratch, t->mountinfo, strlen(t->mountinfo) + 1);
	while ((r = mount_line_next(&at, &m)) > 0) {
		own = owner(p, m.target, &exact);
		if (exact && seen[own])
			return err_set(e, ERR_LAUNCH, 0, NULL, "something is mounted over '%s'", m.target);
		if (exact)
			seen[own] = true;
		root |= strcmp(m.target, "/") == 0;
		if ((own < 0 ? CONTROL_rootfs : p->mounts[own].control) != control)
			continue;
		if (judge(p, &m, own, exact, e) < 0)
			return -1;
		n++;
	}
	if (r < 0 || !root)
		return err_set(e, ERR_LAUNCH, r, NULL, "mountinfo makes no sense");
	for (size_t i = 0; i < p->n_mounts; i++)
		if (p->mounts[i].control == control && !seen[i] && !(p->mounts[i].optional && is_absent(t, p->mounts[i].target)))
			return err_set(e, ERR_LAUNCH, 0, NULL, "'%s' is not mounted", p->mounts[i].target);
	if (control == CONTROL_rootfs)
		snprintf(value, VALUE_MAX, "%s, nosuid, nodev, private", waived(p, CONTROL_rootfs) ? "WRITABLE" : "read-only");
	else
		snprintf(value, VALUE_MAX, "%d as planned, private", n);
	return 0;
}

#define VERIFY(name) \
	static int verify_##name(const struct plan *p, struct target *t, char value[VALUE_MAX], struct err *e) \
	{ \
		return p->listed ? mounts_verify_listed(p, t, value, e, CONTROL_##name) : verify(p, t, value, e, CONTROL_##name); \
	}
VERIFY(rootfs)
VERIFY(mounts)
VERIFY(masks)

static void probe(const struct sys *k, struct ability *a)
{
	/* A descriptor that is none: EBADF where the call exists (5.12). */
	const struct mount_attr attr = { 0 };

	a->usable = sys_mount_setattr(k, -1, 0, &attr) != -ENOSYS;
	snprintf(a->detail, sizeof(a->detail), "%s", a->usable ? "mount_setattr, fsopen, move_mount" : "no mount_setattr");
	if (!a->usable)
		snprintf(a->hint, sizeof(a->hint), "needs kernel 5.12");
}

const struct control control_rootfs = {
	.protects = "changing its own programs and configuration, or leaving anything behind",
	.prepare = mounts_prepare, .verify = verify_rootfs, .probe = probe,
};
const struct control control_mounts = {
	.protects = "reaching files that were not given to it, or running what it wrote",
	.essential = true, .verify = verify_mounts, .probe = probe,
};
const struct control control_masks = {
	.protects = "kernel interfaces in /proc and /sys",
	.verify = verify_masks, .probe = probe,
};
