/* mounts_listed_verify.c - listed mounts, read back: mountinfo says of each, by its number, what it is by now.
 *
 * Not by the path: a link of the image's may have led elsewhere, and a later mount may cover an earlier one. What is there and
 * was not listed must have come with a tree that was copied whole, or with a hook. */
#include "mounts.h"
#include "../base/procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

enum { ROOT = -1, NOBODY = -2, TEXT_MAX = 64 << 20 };

/* --- attributes --- */

static const struct { uint64_t attr; const char *word; } words[] = {
	{ MOUNT_ATTR_RDONLY, "ro" }, { MOUNT_ATTR_NOSUID, "nosuid" }, { MOUNT_ATTR_NODEV, "nodev" }, { MOUNT_ATTR_NOEXEC, "noexec" },
	{ MOUNT_ATTR_NOSYMFOLLOW, "nosymfollow" }, { MOUNT_ATTR_NODIRATIME, "nodiratime" },
};
static const struct { uint64_t value; const char *word; } atimes[] = {	/* strictatime has no word of its own */
	{ MOUNT_ATTR_RELATIME, "relatime" }, { MOUNT_ATTR_NOATIME, "noatime" }, { MOUNT_ATTR_STRICTATIME, NULL },
};

static int judge_attrs(const struct mount_line *m, uint64_t set, uint64_t clear, struct err *e)
{
	for (size_t i = 0; i < COUNT(words); i++) {
		bool on = has_option(m->options, words[i].word);

		if ((set & words[i].attr && !on) || (clear & ~set & words[i].attr && on))
			return err_set(e, ERR_LAUNCH, 0, NULL, "'%s' is %smounted %s", m->target, on ? "" : "not ", words[i].word);
	}
	for (size_t i = 0; i < COUNT(atimes) && clear & MOUNT_ATTR__ATIME; i++)
		if (atimes[i].word && has_option(m->options, atimes[i].word) != (atimes[i].value == (set & MOUNT_ATTR__ATIME)))
			return err_set(e, ERR_LAUNCH, 0, NULL, "'%s' keeps the wrong access times", m->target);
	return 0;
}

/* --- propagation --- */

struct spread { bool peer, slave, unbindable; };

static struct spread spread_after(struct spread s, unsigned flag)
{
	switch (flag & ~(unsigned)MS_REC) {
	case MS_SHARED: return (struct spread){ true, s.slave, false };
	case MS_SLAVE: return (struct spread){ false, s.peer || s.slave, false };
	case MS_UNBINDABLE: return (struct spread){ false, false, true };
	default: return (struct spread){ false, false, false };
	}
}

/* Who is a slave of nobody is simply private: the host's mount may have had no peers. And what is cut off may have been
 * asked to be shared again by the root's own setting. */
static int judge_spread(const struct plan *p, const struct mount_line *m, const unsigned *flags, bool copy, struct err *e)
{
	struct spread s = { .peer = copy };
	bool any = false;

	for (size_t i = 0; i < PROPAGATIONS_MAX && flags[i]; i++) {
		s = spread_after(s, flags[i]);
		any = true;
	}
	if (!any)
		s = (struct spread){ false, false, false };
	if (p->root_propagation & MS_REC && p->root_propagation & (MS_SHARED | MS_UNBINDABLE))
		s = spread_after(s, p->root_propagation);
	if (m->peer != s.peer && !(copy && p->own_userns && !m->peer))
		return err_set(e, ERR_LAUNCH, 0, NULL, "'%s' %s", m->target, m->peer ? "shares mounts with others" : "is not shared");
	if ((m->slave && !s.slave && !(copy && s.peer)) || m->unbindable != s.unbindable)
		return err_set(e, ERR_LAUNCH, 0, NULL, "'%s' has not the propagation that was asked for", m->target);
	return 0;
}

/* --- one line --- */

static bool is_copy(const struct plan *p, int own)
{
	return own == ROOT || p->mounts[own].kind == PLAN_BIND || p->mounts[own].kind == PLAN_READONLY;
}

static bool type_fits(const char *want, const char *type)
{
	size_t n = strlen(want);	/* "fuse" is also "fuse.sshfs" */

	return strncmp(want, type, n) == 0 && (type[n] == '\0' || type[n] == '.');
}

static int judge_root(const struct plan *p, const struct mount_line *m, struct err *e)
{
	unsigned flags[PROPAGATIONS_MAX] = { p->root_propagation };

	return judge_attrs(m, p->root_attrs, 0, e) < 0 ? -1 : judge_spread(p, m, flags, true, e);
}

struct last_word { uint64_t set, clear; unsigned propagation[PROPAGATIONS_MAX]; };

/* What was asked for of mount i, with what a later remount of the same place changed. */
static void take_last(const struct plan *p, size_t i, struct last_word *ret)
{
	const struct plan_mount *m = &p->mounts[i];

	*ret = (struct last_word){ m->attrs, m->wish->clear, { 0 } };
	memcpy(ret->propagation, m->wish->propagation, sizeof(ret->propagation));
	for (size_t k = i + 1; k < p->n_mounts; k++) {
		const struct plan_mount *again = &p->mounts[k];

		if (again->kind != PLAN_REMOUNT || strcmp(again->target, m->target) != 0)
			continue;
		ret->set = (ret->set & ~again->wish->clear) | again->attrs;
		ret->clear |= again->wish->clear;
		if (again->wish->propagation[0])
			memcpy(ret->propagation, again->wish->propagation, sizeof(ret->propagation));
	}
}

static int judge(const struct plan *p, const struct mount_line *line, size_t i, struct err *e)
{
	static const unsigned private[PROPAGATIONS_MAX] = { 0 };
	const struct plan_mount *m = &p->mounts[i];
	const struct mount_wish *w = m->wish;
	struct last_word last;

	switch (m->kind) {
	case PLAN_MASK:
	case PLAN_READONLY: return judge_attrs(line, MOUNT_ATTR_RDONLY, 0, e);
	case PLAN_NODE: return judge_spread(p, line, private, true, e);
	default: break;
	}
	if (m->kind == PLAN_FS && !type_fits(w->type, line->type))
		return err_set(e, ERR_LAUNCH, 0, NULL, "'%s' is a %s, not a %s", line->target, line->type, w->type);
	take_last(p, i, &last);
	if (judge_attrs(line, last.set | w->deep_set, last.clear | w->deep_clear, e) < 0)
		return -1;
	if (w->idmap && !has_option(line->options, "idmapped"))
		return err_set(e, ERR_LAUNCH, 0, NULL, "'%s' is not idmapped", line->target);
	return judge_spread(p, line, last.propagation, m->kind == PLAN_BIND, e);
}

/* What came along with mount `own`. */
static int judge_submount(const struct plan *p, const struct mount_line *line, int own, struct err *e)
{
	const struct mount_wish *w = own < 0 ? NULL : p->mounts[own].wish;

	if (p->terminal && strcmp(line->target, "/dev/console") == 0 && strcmp(line->type, "devpts") == 0)
		return 0;	/* terminal.c put it there */
	if (own == NOBODY || !is_copy(p, own))
		return p->strangers ? 0 : err_set(e, ERR_LAUNCH, 0, NULL, "'%s' was not planned", line->target);
	return w ? judge_attrs(line, w->deep_set, w->deep_clear & ~(uint64_t)MOUNT_ATTR__ATIME, e) : 0;
}

/* --- all lines --- */

struct known { unsigned long id; int own; };

struct looking {
	const struct plan *plan;
	const struct launch *launch;
	enum control_id control;
	struct known *known;	/* every line so far: who came along is told by its parent */
	size_t n_known, room;
	bool *seen, root;
	unsigned n;
};

static int own_of(const struct looking *k, const struct mount_line *m, bool *exact)
{
	*exact = true;
	if (m->id == k->launch->root_id)
		return ROOT;
	for (size_t i = 0; i < k->plan->n_mounts; i++)
		if (k->launch->mount_id[i] == m->id)
			return (int)i;
	*exact = false;
	for (size_t i = k->n_known; i-- > 0;)
		if (k->known[i].id == m->parent)
			return k->known[i].own;
	return NOBODY;
}

static int look_at(struct looking *k, const struct mount_line *m, struct err *e)
{
	bool exact;
	int own = own_of(k, m, &exact);

	if (k->n_known == k->room) {
		struct known *more = realloc(k->known, (k->room = 2 * k->room + 256) * sizeof(*more));

		if (!more)
			return err_set(e, ERR_HOST, ENOMEM, NULL, "cannot hold the list of mounts");
		k->known = more;
	}
	k->known[k->n_known++] = (struct known){ m->id, own };
	if (exact && own >= 0)
		k->seen[own] = true;
	k->root |= exact && own == ROOT;
	if ((own < 0 ? CONTROL_rootfs : k->plan->mounts[own].control) != k->control)
		return 0;
	k->n++;
	return !exact ? judge_submount(k->plan, m, own, e) : own == ROOT ? judge_root(k->plan, m, e) : judge(k->plan, m, (size_t)own, e);
}

/* Nothing is mounted for it: a path that does not exist needs no mask, a node was made. Whoever may not look has not made it. */
static int judge_unmounted(struct target *t, const struct plan_mount *m, struct err *e)
{
	bool node = m->kind == PLAN_NODE;
	struct statx st;
	int r = sys_statx(t->sys, AT_FDCWD, m->target, node ? AT_SYMLINK_NOFOLLOW : 0, STATX_TYPE, &st);

	if (m->kind == PLAN_REMOUNT || r == -EACCES)
		return 0;
	if (node && r >= 0 && (st.stx_mode & S_IFMT) == (m->node->mode & S_IFMT) &&
	    (S_ISFIFO(m->node->mode) || (st.stx_rdev_major == m->node->major && st.stx_rdev_minor == m->node->minor)))
		return 0;
	if (!node && (m->kind == PLAN_MASK || m->kind == PLAN_READONLY) && (r == -ENOENT || r == -ENOTDIR))
		return 0;
	return err_set(e, ERR_LAUNCH, r < 0 ? r : 0, NULL, node ? "'%s' is not that device" : "'%s' is not mounted", m->target);
}

static int look_at_all(struct looking *k, struct target *t, char *text, struct err *e)
{
	struct mount_line m;
	int r;

	while ((r = mount_line_next(&text, &m)) > 0)
		if (look_at(k, &m, e) < 0)
			return -1;
	if (r < 0 || !k->root)
		return err_set(e, ERR_LAUNCH, r, NULL, "mountinfo makes no sense");
	for (size_t i = 0; i < k->plan->n_mounts; i++) {
		const struct plan_mount *p = &k->plan->mounts[i];

		if (p->control != k->control || k->seen[i])
			continue;
		if (k->launch->mount_id[i])
			return err_set(e, ERR_LAUNCH, 0, NULL, "'%s' is not mounted", p->target);
		if (judge_unmounted(t, p, e) < 0)
			return -1;
	}
	return 0;
}

/* The container may have all the host's mounts, which is more than fits anywhere. */
static char *read_all(struct target *t, int *error)
{
	for (size_t size = 64 << 10; size <= TEXT_MAX; size *= 4) {
		char *text = malloc(size);
		ssize_t n = text ? sys_read_file(t->sys, t->proc, "mountinfo", text, size) : -ENOMEM;

		if (n > 0)
			return text;
		free(text);
		*error = n < 0 ? (int)n : EIO;
		if (n != -EFBIG)
			break;
	}
	return NULL;
}

int mounts_verify_listed(const struct plan *p, struct target *t, char value[VALUE_MAX], struct err *e, enum control_id control)
{
	struct looking k = { .plan = p, .launch = t->launch, .control = control, .seen = calloc(p->n_mounts + 1, sizeof(bool)) };
	int error = ENOMEM, r;
	char *text = read_all(t, &error);

	if (!text || !k.seen)
		r = err_set(e, ERR_LAUNCH, error, NULL, "cannot read mountinfo");
	else
		r = look_at_all(&k, t, text, e);
	free(text);
	free(k.known);
	free(k.seen);
	if (control == CONTROL_rootfs)
		snprintf(value, VALUE_MAX, "%s", p->root_attrs & MOUNT_ATTR_RDONLY ? "read-only" : "WRITABLE");
	else
		snprintf(value, VALUE_MAX, "%u as listed", k.n);
	return r;
}
