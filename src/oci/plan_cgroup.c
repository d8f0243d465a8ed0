/* plan_cgroup.c - linux.cgroupsPath: where the container's cgroup is.
 *
 * For us it is a path: absolute from the root of the tree, as engines give it; relative (or none) below the place that
 * is ours, which runtimes may choose (config-linux.md, "Cgroups Path"). With --systemd-cgroup it is SLICE:PREFIX:NAME, and systemd makes
 * a scope of it. */
#include "plan.h"

#include <errno.h>
#include <sched.h>
#include <string.h>

static int wrong(struct err *e, const char *hint, const char *what)
{
	err_set(e, ERR_POLICY, 0, hint, "%s", what);
	return err_at(e, "/linux/cgroupsPath");
}

/* --- a path --- */

/* Without empty parts and "."; ".." is not resolved but refused: nobody who means well writes it. */
static int clean(const char *given, char to[CGROUP2_PATH_MAX], struct err *e)
{
	size_t n = strlen(to);

	for (const char *at = given, *end; *at; at = end) {
		at += strspn(at, "/");
		end = at + strcspn(at, "/");
		if (end == at || (end - at == 1 && *at == '.'))
			continue;
		if (end - at == 2 && memcmp(at, "..", 2) == 0)
			return wrong(e, "without \"..\"", "it leads out of where it begins");
		if (end - at > 255 || n + (size_t)(end - at) + 2 > CGROUP2_PATH_MAX)
			return wrong(e, NULL, "too long");
		n += (size_t)snprintf(to + n, CGROUP2_PATH_MAX - n, "/%.*s", (int)(end - at), at);
	}
	return n ? 0 : wrong(e, "such as /engine/ID", "the root of the tree is no cgroup of a container");
}

/* Below our own place. A tree without any controller (they are in cgroup v1) is worth none where nobody asked for one. */
static int below_own(const struct oci_spec *s, struct plan *plan, const char *given, char path[CGROUP2_PATH_MAX], struct err *e)
{
	struct cgroup2_place at;
	struct err why = { 0 };
	int r = cgroup2_find(&sys_kernel, !s->wish->rootless && !s->in_userns, &at, &why);
	bool needed = plan->n_limits || given;

	if (at.dir >= 0)
		(void)!sys_close(&sys_kernel, at.dir);
	if (r < 0 && needed) {
		*e = why;
		return err_at(e, "/linux/resources");
	}
	if (r < 0 || (!needed && !at.controllers[strspn(at.controllers, "\n")]))
		return 1;
	snprintf(path, CGROUP2_PATH_MAX, "%s", at.path);
	plan->cgroup.own = true;
	return 0;
}

static int plan_path(const struct oci_spec *s, struct plan *plan, const char *given, struct arena *a, struct err *e)
{
	char path[CGROUP2_PATH_MAX] = "", made[300];
	int r = 0;

	if (!given || *given != '/')
		r = below_own(s, plan, given, path, e);
	if (r != 0)
		return r < 0 ? -1 : 0;
	snprintf(made, sizeof(made), "casemate/%s", s->wish->id);
	if (clean(given ? given : made, path, e) < 0)
		return -1;
	plan->cgroup.path = arena_strndup(a, path, strlen(path));
	plan->cgroup.wanted |= given && !s->wish->rootless && !s->in_userns;
	return plan->cgroup.path ? 0 : spec_no_memory(e);
}

/* --- a scope --- */

/* What systemd.unit(5) takes in a name; "@" would name a template. */
static bool is_unit(const char *name, const char *suffix)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:-_.\\";
	size_t n = strlen(name), end = strlen(suffix);

	return n > end && n < 256 && strspn(name, letters) == n && strcmp(name + n - end, suffix) == 0;
}

static int plan_scope(const struct oci_spec *s, struct plan *plan, const char *given, struct arena *a, struct err *e)
{
	const char *prefix = given ? strchr(given, ':') : NULL, *name = prefix ? strchr(prefix + 1, ':') : NULL;
	int n = prefix && name ? (int)(name - prefix - 1) : 0;

	if (given && (!prefix || !name || strchr(name + 1, ':') || strchr(given, '/')))
		return wrong(e, "SLICE:PREFIX:NAME, since systemd makes the cgroup", "no place for a scope");
	plan->cgroup.slice = given && prefix > given ? arena_strndup(a, given, (size_t)(prefix - given)) : "";
	if (given)
		plan->cgroup.scope = arena_printf(a, "%.*s%s%s.scope", n, prefix + 1, n ? "-" : "", name + 1);
	else
		plan->cgroup.scope = arena_printf(a, "casemate-%s.scope", s->wish->id);
	if (!plan->cgroup.slice || !plan->cgroup.scope)
		return spec_no_memory(e);
	plan->cgroup.wanted = true;
	if (*plan->cgroup.slice && !is_unit(plan->cgroup.slice, ".slice"))
		return wrong(e, "such as machine.slice", "no name of a slice");
	return is_unit(plan->cgroup.scope, ".scope") ? 0 : wrong(e, "letters, digits and :-_.\\", "no name of a scope");
}

/* --- whose it is --- */

/* Mounted so that it can be written, in a namespace that begins with it (config-linux.md, "Cgroup ownership"). */
static bool is_delegated(const struct oci_spec *s, const struct plan *plan)
{
	const json_t *mounts = spec_get(s, "/mounts"), *m, *option;
	size_t i, k;

	json_array_foreach(mounts, i, m) {
		const char *source = spec_text(m, "source"), *destination = spec_text(m, "destination");
		bool writable = source && destination && strcmp(source, "cgroup") == 0 && strcmp(destination, "/sys/fs/cgroup") == 0;

		json_array_foreach(spec_member(m, "options"), k, option)
			writable &= strcmp(json_string_value(option), "ro") != 0;
		if (writable)
			return plan->clone_flags & CLONE_NEWCGROUP;
	}
	return false;
}

/* The user as the host knows him. Of a namespace that is only entered we know no map. */
static void plan_owner(const struct oci_spec *s, struct plan *plan)
{
	struct cgroup_plan *c = &plan->cgroup;

	if (s->wish->rootless || plan->enter[NS_USER] || !is_delegated(s, plan))
		return;
	c->give = !plan->own_userns;
	c->owner = plan->uid;
	for (size_t i = 0; plan->own_userns && i < plan->n_uid_map; i++)
		if (plan->uid >= plan->uid_map[i].inside && plan->uid - plan->uid_map[i].inside < plan->uid_map[i].count) {
			c->give = true;
			c->owner = plan->uid_map[i].outside + (plan->uid - plan->uid_map[i].inside);
		}
}

int oci_plan_cgroup(const struct oci_spec *s, struct plan *plan, struct arena *a, struct err *e)
{
	const char *given = spec_text(spec_get(s, "/linux"), "cgroupsPath");

	given = given && *given ? given : NULL;
	plan_owner(s, plan);
	return s->wish->systemd_cgroup ? plan_scope(s, plan, given, a, e) : plan_path(s, plan, given, a, e);
}
