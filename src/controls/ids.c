/* ids.c - the workload's fixed uid, gid, groups and umask.
 *
 * Inside, only these ids exist (namespaces.c writes the maps). Leaving root for good is the
 * oldest trap of all (setuid(2) keeps a saved id): all three ids are set, read back from
 * /proc, and then getting the old ones back is tried and must fail. */
#include "ids.h"
#include "../base/procfs.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

enum { GROUPS_MAX = 64, OVERFLOW_ID = 65534 };

static int prepare(const struct policy *p, struct plan *plan, struct arena *a, struct err *e)
{
	gid_t *groups = arena_alloc(a, p->user.groups.n * sizeof(*groups) + 1);

	if (!groups)
		return err_set(e, ERR_HOST, ENOMEM, NULL, "cannot hold the groups");
	if (p->user.groups.n > GROUPS_MAX) {
		err_set(e, ERR_POLICY, 0, NULL, "at most %d supplementary groups", GROUPS_MAX);
		return err_at(e, "/user/groups");
	}
	for (size_t i = 0; i < p->user.groups.n; i++)
		groups[i] = (gid_t)p->user.groups.v[i];
	plan->uid = (uid_t)p->user.uid;
	plan->gid = (gid_t)p->user.gid;
	plan->umask = (mode_t)p->user.umask;
	plan->groups = groups;
	plan->n_groups = p->user.groups.n;
	plan->leaves_root = true;
	return 0;
}

/* Unprivileged, the kernel gives no way to drop them (user_namespaces(7), "setgroups"), unless newgidmap(1) has made the map: they
 * stay as unmapped ids, and verify says so. An engine may have made such a namespace around us as well. */
static bool must_keep_groups(struct launch *l)
{
	char word[16];

	return sys_read_file(l->sys, l->proc, "self/setgroups", word, sizeof(word)) > 0 ? strcmp(word, "deny\n") == 0 : l->rootless;
}

int ids_apply(struct launch *l, struct err *e)
{
	const struct plan *p = l->plan;
	int r = 0;

	l->keeps_groups = must_keep_groups(l);
	if (!l->keeps_groups)
		r = sys_setgroups(l->sys, p->n_groups, p->groups);
	if (r >= 0)
		r = sys_setresgid(l->sys, p->gid);
	if (r >= 0)
		r = sys_setresuid(l->sys, p->uid);
	if (r >= 0)
		r = sys_umask(l->sys, p->umask);
	if (r < 0) {
		err_set(e, ERR_LAUNCH, r, l->keeps_groups ? "started by an ordinary user: leave user.groups empty" : NULL,
			"cannot become %u:%u", p->uid, p->gid);
		return err_at(e, "/user");
	}
	return 0;
}

int ids_no_return(struct launch *l, struct err *e)
{
	if (!l->plan->leaves_root)
		return 0;
	if (sys_setresuid(l->sys, 0) >= 0 || sys_setresgid(l->sys, 0) >= 0) {
		err_set(e, ERR_LAUNCH, 0, NULL, "the ids of root could be taken back");
		return err_at(e, "/user");
	}
	return 0;
}

static int all_equal(const char *status, const char *field, uint64_t want)
{
	uint64_t v[4];

	if (proc_numbers(status, field, v, 4) != 4)
		return 0;
	return v[0] == want && v[1] == want && v[2] == want && v[3] == want;
}

/* Groups are right when they are the plan's, or when they are ids that mean nothing here. */
static int groups_fit(const struct plan *p, const char *status, int *left_over)
{
	const char *at = proc_field(status, "Groups");
	size_t fitting = 0;
	char *end;

	*left_over = 0;
	for (; at && *at && *at != '\n'; at = end + strspn(end, " \t")) {
		uint64_t id = strtoull(at, &end, 10);
		size_t k = 0;

		if (end == at)
			return 0;
		while (k < p->n_groups && p->groups[k] != id)
			k++;
		if (k < p->n_groups || id == p->gid)
			fitting++;
		else if (id != OVERFLOW_ID)
			return 0;
		else
			(*left_over)++;
	}
	return at && fitting >= p->n_groups;
}

/* What the id is called where we stand: itself in the same user namespace, else the map's second column. (To one who lives in the
 * namespace that column names the ids of its parent: user_namespaces(7).) */
static uint64_t seen_as(struct target *t, const char *map, uint64_t id)
{
	unsigned long long in, out, n;
	uint64_t theirs, ours;
	const char *at = t->scratch;
	int used;

	if (t->inside || namespace_id(t->sys, t->proc, "user", &theirs) < 0 || namespace_own_id(t->sys, "user", &ours) < 0 || theirs == ours ||
	    sys_read_file(t->sys, t->proc, map, t->scratch, sizeof(t->scratch)) < 0)
		return id;
	for (; sscanf(at, "%llu %llu %llu%n", &in, &out, &n, &used) == 3; at += used)
		if (id >= in && id - in < n)
			return out + (id - in);
	return id;
}

static int verify(const struct plan *p, struct target *t, char value[VALUE_MAX], struct err *e)
{
	const char *umask_at = proc_field(t->status, "Umask");
	int left_over = 0;

	if (!all_equal(t->status, "Uid", seen_as(t, "uid_map", p->uid)) ||
	    !all_equal(t->status, "Gid", seen_as(t, "gid_map", p->gid)))
		return err_set(e, ERR_LAUNCH, 0, NULL, "not running as %u:%u", p->uid, p->gid);
	if (t->inside && (!groups_fit(p, t->status, &left_over) || (left_over && !t->launch->keeps_groups)))
		return err_set(e, ERR_LAUNCH, 0, NULL, "supplementary groups differ from the plan");
	if (t->inside && (!umask_at || strtoul(umask_at, NULL, 8) != p->umask))	/* later it may set its own: umask(2) */
		return err_set(e, ERR_LAUNCH, 0, NULL, "umask is not %04o", (unsigned)p->umask);
	snprintf(value, VALUE_MAX, "%u:%u, %zu groups, umask %04o", p->uid, p->gid, p->n_groups, (unsigned)p->umask);
	if (t->inside && left_over)
		snprintf(value + strlen(value), VALUE_MAX - strlen(value),
			 "; %d of the caller's groups stay, unmapped (only root can drop them)", left_over);
	return 0;
}

static void probe(const struct sys *k, struct ability *a)
{
	(void)k;
	a->usable = true;
	snprintf(a->detail, sizeof(a->detail), "uid, gid and groups by number");
}

const struct control control_user = {
	.protects = "acting as root or as another user of the host",
	.essential = true, .prepare = prepare, .verify = verify, .probe = probe,
};
