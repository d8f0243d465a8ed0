/* plan_namespaces.c - linux.namespaces, id maps, host and domain name, sysctls, time offsets. */
#include "plan.h"

#include "../controls/namespaces.h"

#include <sched.h>
#include <string.h>

/* In the order of struct launch. */
static const char *const types[NS_COUNT] = {
	[NS_USER] = "user", [NS_MOUNT] = "mount", [NS_PID] = "pid", [NS_IPC] = "ipc", [NS_UTS] = "uts", [NS_NET] = "network",
	[NS_CGROUP] = "cgroup", [NS_TIME] = "time",
};

static int plan_one(const json_t *entry, uint64_t *seen, struct plan *plan, struct err *e)
{
	const char *type = spec_text(entry, "type"), *path = spec_text(entry, "path");
	int slot;

	for (slot = 0; slot < NS_COUNT && (!type || strcmp(types[slot], type) != 0); slot++)
		;
	if (slot == NS_COUNT)
		return err_set(e, ERR_POLICY, 0, "pid, network, ipc, uts, mount, user, cgroup or time", "there is no namespace '%.32s'", type ? type : "");
	if (*seen & namespaces[slot].flag)
		return err_set(e, ERR_POLICY, 0, "once is enough", "the %s namespace is asked for twice", type);
	*seen |= namespaces[slot].flag;
	if (path && *path && *path != '/')
		return err_set(e, ERR_POLICY, 0, NULL, "the path of a namespace must be absolute");
	if (path && *path)
		plan->enter[slot] = path;
	else
		plan->clone_flags |= namespaces[slot].flag;
	return 0;
}

/* --- id maps --- */

static int plan_map(const json_t *maps, struct arena *a, const struct plan_idmap **ret, size_t *n, struct err *e)
{
	struct plan_idmap *v = arena_alloc(a, (json_array_size(maps) + 1) * sizeof(*v));
	const json_t *entry;
	size_t i;

	if (!v)
		return spec_no_memory(e);
	json_array_foreach(maps, i, entry) {
		int64_t inside = 0, outside = 0, count = 0;

		if (spec_number(entry, "containerID", 0, UINT32_MAX - 1, &inside, e) < 0 ||
		    spec_number(entry, "hostID", 0, UINT32_MAX - 1, &outside, e) < 0 || spec_number(entry, "size", 1, UINT32_MAX, &count, e) < 0)
			return err_at(e, "/%zu", i);
		if (!count || inside + count > UINT32_MAX || outside + count > UINT32_MAX) {
			err_set(e, ERR_POLICY, 0, "ids end at 4294967294", "no such range of ids");
			return err_at(e, "/%zu", i);
		}
		v[i] = (struct plan_idmap){ (uint32_t)inside, (uint32_t)outside, (uint32_t)count };
	}
	*ret = v;
	*n = json_array_size(maps);
	return 0;
}

/* The pointer so far is one of the map alone. */
static int in_map(struct err *e, const char *which)
{
	char inner[sizeof(e->path)];

	snprintf(inner, sizeof(inner), "%s", e->path);
	snprintf(e->path, sizeof(e->path), "/linux/%s%.*s", which, (int)(sizeof(e->path) - 32), inner);
	return -1;
}

static int plan_maps(const struct oci_spec *s, struct plan *plan, struct arena *a, struct err *e)
{
	if (plan_map(spec_get(s, "/linux/uidMappings"), a, &plan->uid_map, &plan->n_uid_map, e) < 0)
		return in_map(e, "uidMappings");
	if (plan_map(spec_get(s, "/linux/gidMappings"), a, &plan->gid_map, &plan->n_gid_map, e) < 0)
		return in_map(e, "gidMappings");
	if (plan->own_userns && (!plan->n_uid_map || !plan->n_gid_map)) {
		err_set(e, ERR_POLICY, 0, "map at least one id", "a new user namespace without ids is of no use");
		return err_at(e, plan->n_uid_map ? "/linux/gidMappings" : "/linux/uidMappings");
	}
	if (!plan->own_userns && !plan->enter[NS_USER] && (plan->n_uid_map || plan->n_gid_map)) {
		err_set(e, ERR_POLICY, 0, "add { \"type\": \"user\" } to linux.namespaces", "ids are mapped without a user namespace");
		return err_at(e, plan->n_uid_map ? "/linux/uidMappings" : "/linux/gidMappings");
	}
	return 0;
}

/* --- names, sysctls, offsets --- */

static int plan_names(const struct oci_spec *s, struct plan *plan, struct err *e)
{
	static const struct { const char *field, *pointer; size_t max; } rows[] = {	/* __NEW_UTS_LEN */
		{ "hostname", "/hostname", 64 }, { "domainname", "/domainname", 64 } };
	const char **const into[] = { &plan->hostname, &plan->domainname };

	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *name = spec_text(s->root, rows[i].field);

		if (!name || !*name)
			continue;
		if (strlen(name) > rows[i].max)
			err_set(e, ERR_POLICY, 0, NULL, "longer than %zu letters", rows[i].max);
		else if (!(plan->clone_flags & CLONE_NEWUTS) && !plan->enter[NS_UTS])
			err_set(e, ERR_POLICY, 0, "add { \"type\": \"uts\" } to linux.namespaces", "without a uts namespace the name would be the host's");
		if (e->kind != ERR_NONE)
			return err_at(e, "%s", rows[i].pointer);
		*into[i] = name;
	}
	return 0;
}

/* Which namespace a sysctl belongs to; 0: to none, and it would be set on the host. sysctl(8) writes either letter. */
static uint64_t owner_of(const char *name)
{
	static const struct { const char *prefix; uint64_t flag; } rows[] = {
		{ "net.", CLONE_NEWNET }, { "fs.mqueue.", CLONE_NEWIPC }, { "kernel.msg", CLONE_NEWIPC }, { "kernel.shm", CLONE_NEWIPC },
		{ "kernel.sem", CLONE_NEWIPC }, { "kernel.auto_msgmni", CLONE_NEWIPC }, { "kernel.domainname", CLONE_NEWUTS },
		{ "kernel.hostname", CLONE_NEWUTS }, { "user.", CLONE_NEWUSER },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		if (strncmp(name, rows[i].prefix, strlen(rows[i].prefix)) == 0)
			return rows[i].flag;
	return 0;
}

/* "net.ipv4.conf.eth0/1.forwarding": dots become slashes, and slashes dots, whichever comes first (sysctl.d(5)). */
static char *sysctl_path(const char *name, struct arena *a)
{
	char *path = arena_printf(a, "/proc/sys/%s", name), *at = path ? path + strlen("/proc/sys/") : NULL;

	if (!at || at[strcspn(at, "./")] == '/')
		return path;
	for (; *at; at++)
		*at = *at == '.' ? '/' : *at == '/' ? '.' : *at;
	return path;
}

static int plan_sysctl(const char *key, const char *value, const struct plan *plan, struct arena *a, struct pair *ret, struct err *e)
{
	uint64_t owner;
	bool own = false;

	*ret = (struct pair){ sysctl_path(key, a), value };
	if (!ret->name)
		return spec_no_memory(e);
	if (strstr(ret->name, "/../") || strstr(ret->name, "/./") || strstr(ret->name, "//"))
		return err_set(e, ERR_POLICY, 0, NULL, "'%.64s' is no sysctl", key);
	char *dotted = arena_strndup(a, ret->name + strlen("/proc/sys/"), strlen(ret->name + strlen("/proc/sys/")));

	if (!dotted)
		return spec_no_memory(e);
	for (char *c = dotted; *c; c++)
		*c = *c == '/' ? '.' : *c;
	owner = owner_of(dotted);
	for (int i = 0; i < NS_COUNT; i++)
		own |= owner == namespaces[i].flag && (plan->clone_flags & owner || plan->enter[i]);
	if (!own)
		return err_set(e, ERR_POLICY, 0, owner ? "add its namespace to linux.namespaces" : "no namespace confines it: set it on the host",
			       "%.64s would be set on the host", key);
	return 0;
}

static int plan_sysctls(const struct oci_spec *s, struct plan *plan, struct arena *a, struct err *e)
{
	json_t *sysctls = spec_get(s, "/linux/sysctl"), *value;
	struct pair *v = arena_alloc(a, (json_object_size(sysctls) + 1) * sizeof(*v));
	const char *key;
	size_t n = 0;

	if (!v)
		return spec_no_memory(e);
	json_object_foreach(sysctls, key, value)
		if (plan_sysctl(key, json_string_value(value), plan, a, &v[n++], e) < 0)
			return err_at(e, "/linux/sysctl");
	plan->sysctls = v;
	plan->n_sysctls = n;
	return 0;
}

static int plan_offset(const json_t *offset, struct plan_offset *ret, struct err *e)
{
	int64_t nanosecs = 0;

	if (spec_number(offset, "secs", INT64_MIN, INT64_MAX, &ret->secs, e) < 0 ||
	    spec_number(offset, "nanosecs", 0, 999999999, &nanosecs, e) < 0)
		return -1;
	ret->nanosecs = (uint32_t)nanosecs;
	return 0;
}

static int plan_offsets(const struct oci_spec *s, struct plan *plan, struct err *e)
{
	json_t *offsets = spec_get(s, "/linux/timeOffsets"), *value;
	const char *clock;

	json_object_foreach(offsets, clock, value) {
		struct plan_offset *into = strcmp(clock, "monotonic") == 0 ? &plan->monotonic :
					   strcmp(clock, "boottime") == 0 ? &plan->boottime : NULL;

		if (!into)
			err_set(e, ERR_POLICY, 0, "monotonic or boottime", "there is no offset of the clock '%.32s'", clock);
		else if (!(plan->clone_flags & CLONE_NEWTIME))
			err_set(e, ERR_POLICY, 0, "add { \"type\": \"time\" } to linux.namespaces", "offsets belong to a new time namespace");
		if (e->kind != ERR_NONE || plan_offset(value, into, e) < 0)
			return err_at(e, "/linux/timeOffsets");
		plan->has_time = true;
	}
	return 0;
}

int oci_plan_namespaces(const struct oci_spec *s, struct plan *plan, struct arena *a, struct err *e)
{
	const json_t *list = spec_get(s, "/linux/namespaces"), *entry;
	uint64_t seen = 0;
	size_t i;

	json_array_foreach(list, i, entry)
		if (plan_one(entry, &seen, plan, e) < 0)
			return err_at(e, "/linux/namespaces/%zu", i);
	plan->own_userns = plan->clone_flags & CLONE_NEWUSER;
	plan->network = plan->clone_flags & CLONE_NEWNET ? NETWORK_NONE : NETWORK_HOST;
	if (plan_maps(s, plan, a, e) < 0 || plan_names(s, plan, e) < 0 || plan_sysctls(s, plan, a, e) < 0)
		return -1;
	return plan_offsets(s, plan, e);
}
