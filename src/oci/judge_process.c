/* judge_process.c - config.json against a bound: who the process is, and what it may. */
#include "judging.h"

#include "../doors/oci.h"
#include "../policy/names.h"

#include <inttypes.h>
#include <string.h>

static json_t *process_of(const struct judging *j)
{
	return member(j->config, "process");
}

/* --- capabilities --- */

/* Only the specification's spelling: what a runtime makes of another is its own business. */
int capability_of(const json_t *v)
{
	const char *s = json_string_value(v);

	for (size_t i = 0; s && strncmp(s, "CAP_", 4) == 0 && i < capability_names_len; i++)
		if (strcmp(s + 4, capability_names[i]) == 0)
			return (int)i;
	return -1;
}

static bool may_have(const struct judging *j, const json_t *v)
{
	int n = capability_of(v);

	return n >= 0 && j->bound->capabilities >> n & 1;
}

static void judge_set(struct judging *j, json_t *caps, const char *set)
{
	json_t *list = member(caps, set), *v;
	char more[160] = "";
	size_t i, n = 0;

	json_array_foreach(list, i, v)
		if (!may_have(j, v)) {
			size_t used = strlen(more);

			snprintf(more + used, sizeof(more) - used, "%s%.40s", n++ ? " " : "", json_string_value(v));
		}
	if (n == 0 || !below(j, "capabilities", place("/process/capabilities/%s", set), "drop them", "has %s", more))
		return;
	for (i = json_array_size(list); i-- > 0;)
		if (!may_have(j, json_array_get(list, i)))
			json_array_remove(list, i);
}

void judge_capabilities(struct judging *j)
{
	static const char *const sets[] = { "bounding", "effective", "inheritable", "permitted", "ambient" };
	json_t *caps = member(process_of(j), "capabilities");

	if (!j->bound->capabilities_given)
		return;
	if (!caps && below(j, "capabilities", place("/process/capabilities"), "name them, or give empty sets", "says nothing: each runtime has its own idea")) {
		caps = object_at(j, process_of(j), "capabilities");
		for (size_t i = 0; i < COUNT(sets); i++)
			array_at(j, caps, sets[i]);
	}
	for (size_t i = 0; i < COUNT(sets); i++)
		judge_set(j, caps, sets[i]);
}

void judge_no_new_privs(struct judging *j)
{
	json_t *process = process_of(j);

	if (!json_is_true(member(process, "noNewPrivileges")) &&
	    below(j, "", place("/process/noNewPrivileges"), "--security-opt no-new-privileges", "setuid programs could gain rights"))
		put(j, process, "noNewPrivileges", json_true());
}

void judge_apparmor(struct judging *j)
{
	json_t *process = process_of(j), *profile = member(process, "apparmorProfile");
	const struct strings *list = &j->bound->apparmor;

	for (size_t i = 0; i < list->n; i++)
		if (is_text(profile, list->v[i]))
			return;
	if (!list->v)
		return;
	if (list->n == 0)
		refuse(j, "apparmor", place("/process/apparmorProfile"), NULL, "no profile is allowed at all");
	else if (below(j, "apparmor", place("/process/apparmorProfile"), "--security-opt apparmor=...", "is %.60s, and %.60s is wanted",
		       profile ? json_string_value(profile) : "missing", list->v[0]))
		put(j, process, "apparmorProfile", json_string(list->v[0]));
}

/* --- ids --- */

enum { NOBODY = -1, MAPS_MAX = 340 };	/* user_namespaces(7) */

/* What an id is one user namespace further out; NOBODY where it is mapped to nothing. */
static int64_t through(const struct oci_id_map *map, size_t n, int64_t id)
{
	for (size_t i = 0; i < n && id >= 0; i++)
		if ((uint64_t)id >= map[i].inside && (uint64_t)id - map[i].inside < map[i].count)
			return (int64_t)((uint64_t)id - map[i].inside + map[i].outside);
	return n ? NOBODY : id;
}

static json_t *own_userns(const struct judging *j)
{
	json_t *v;
	size_t i;

	json_array_foreach(member(member(j->config, "linux"), "namespaces"), i, v)
		if (is_text(member(v, "type"), "user"))
			return v;
	return NULL;
}

/* Its maps, to ids of the runtime's own user namespace. One that is joined has its own already, and those beside its path
 * nobody applies. 0: there are none, or none that are known. */
static size_t own_maps(const struct judging *j, bool group, struct oci_id_map map[MAPS_MAX])
{
	const char *path = text_of(own_userns(j), "path");
	json_t *maps = member(member(j->config, "linux"), group ? "gidMappings" : "uidMappings"), *m;
	size_t i;

	if (*path)
		return j->facts->maps ? j->facts->maps(path, group, map, MAPS_MAX) : 0;
	if (json_array_size(maps) > MAPS_MAX)
		return 0;
	json_array_foreach(maps, i, m) {
		map[i] = (struct oci_id_map){ 0 };
		(void)unsigned_of(member(m, "containerID"), &map[i].inside);
		(void)unsigned_of(member(m, "hostID"), &map[i].outside);
		(void)unsigned_of(member(m, "size"), &map[i].count);
	}
	return json_array_size(maps);
}

static int64_t number_in(const json_t *object, const char *name)
{
	int64_t n = 0;

	return integer_of(member(object, name), &n) ? n : 0;
}

/* The id that the host knows, by the maps of the container's user namespace and those of the runtime. */
static int64_t on_host(const struct judging *j, bool group, int64_t id)
{
	const struct oci_facts *f = j->facts;
	struct oci_id_map map[MAPS_MAX];
	size_t n;

	if (own_userns(j)) {
		n = own_maps(j, group, map);
		id = n ? through(map, n, id) : NOBODY;
	}
	return group ? through(f->gid, f->n_gid, id) : through(f->uid, f->n_uid, id);
}

/* The bound is about ids of the host. One that a user namespace makes another's is a subordinate id (subuid(5)), and
 * those are nobody's: of them only the host's root is refused. */
static bool id_is_fine(const struct judging *j, bool group, int64_t id, int64_t *host)
{
	const struct floor_range *range = group ? &j->bound->user.gid : &j->bound->user.uid;

	*host = on_host(j, group, id);
	if (*host == 0 || *host == NOBODY)
		return false;
	return *host != id || ((uint64_t)id >= range->min && (uint64_t)id <= range->max);
}

static void judge_id(struct judging *j, json_t *user, const char *name, bool group)
{
	const int64_t id = number_in(user, name);
	const struct place at = place("/process/user/%s", name);
	const char *key = group ? "user.gid" : "user.uid";
	int64_t host, instead = j->bound->instead ? (int64_t)(group ? j->bound->instead->gid : j->bound->instead->uid) : NOBODY;

	if (id_is_fine(j, group, id, &host))
		return;
	if (host != 0)
		refuse(j, key, at, "--user UID:GID", "%" PRId64 " is %s", id, host < 0 ? "mapped to no id of the host that is known" : "not one of the ids that are allowed");
	else if (instead < 0 || !id_is_fine(j, group, instead, &host))
		refuse(j, key, at, "--user UID:GID, or --userns=auto", "%" PRId64 " is root of the host", id);
	else if (below(j, key, at, "--user UID:GID, or --userns=auto", "%" PRId64 " is root of the host", id))
		put(j, user, name, json_integer(instead));
}

void judge_user(struct judging *j)
{
	json_t *user = member(process_of(j), "user"), *groups;
	int64_t host;

	if (!user) {
		if (!below(j, "user.uid", place("/process/user"), "--user UID:GID", "is missing, which is root"))
			return;
		user = object_at(j, process_of(j), "user");
	}
	judge_id(j, user, "uid", false);
	judge_id(j, user, "gid", true);
	groups = member(user, "additionalGids");
	for (size_t i = json_array_size(groups); i-- > 0;) {
		int64_t id = 0;

		integer_of(json_array_get(groups, i), &id);
		if (!id_is_fine(j, true, id, &host) &&
		    below(j, "user.gid", place("/process/user/additionalGids/%zu", i), NULL, "%" PRId64 " is not one of the groups that are allowed", id))
			json_array_remove(groups, i);
	}
}

/* A user namespace is asked for so that its root is nobody on the host. */
static void judge_map(struct judging *j, bool group)
{
	const struct oci_facts *f = j->facts;
	const struct oci_id_map *own = group ? f->gid : f->uid;
	const size_t n_own = group ? f->n_gid : f->n_uid;
	struct oci_id_map map[MAPS_MAX];
	int64_t root = n_own ? NOBODY : 0;	/* the host's, by the runtime's own number */

	for (size_t i = 0; i < n_own; i++)
		if (own[i].outside == 0)
			root = (int64_t)own[i].inside;
	for (size_t i = own_maps(j, group, map); i-- > 0;)
		if (through(&(struct oci_id_map){ map[i].outside, 0, map[i].count }, 1, root) != NOBODY)
			refuse(j, "namespaces.user", place("/linux/%s/%zu", group ? "gidMappings" : "uidMappings", i), "--userns=auto",
			       "an id of the container is root of the host");
}

void judge_maps(struct judging *j)
{
	for (size_t i = 0; j->bound->namespaces.user && own_userns(j) && i < 2; i++)
		judge_map(j, i > 0);
}

void judge_umask(struct judging *j)
{
	json_t *user = member(process_of(j), "user");
	const int64_t wanted = (int64_t)j->bound->umask, is = number_in(user, "umask");

	if ((is & wanted) != wanted && below(j, "user.umask", place("/process/user/umask"), "--umask", "is %#" PRIo64 ", and %#" PRIo64 " is wanted", is, wanted))
		put(j, object_at(j, process_of(j), "user"), "umask", json_integer(is | wanted));
}

/* --- limits of a process --- */

static bool lower(struct judging *j, json_t *entry, size_t i, const char *key, const char *name, uint64_t most)
{
	uint64_t is = UINT64_MAX;

	unsigned_of(member(entry, name), &is);
	if (is <= most)
		return true;
	if (!below(j, key, place("/process/rlimits/%zu/%s", i, name), "--ulimit", "is more than %" PRIu64, most))
		return false;
	put(j, entry, name, json_integer((json_int_t)most));
	return true;
}

static void judge_rlimit(struct judging *j, const struct oci_rlimit *row)
{
	const uint64_t most = *(const uint64_t *)((const char *)&j->bound->limits.rlimits + row->offset);
	json_t *list = member(process_of(j), "rlimits"), *v;
	bool found = false;
	char key[64];
	size_t i;

	if (most == UINT64_MAX)
		return;
	snprintf(key, sizeof(key), OCI_RLIMITS "%s", row->name);
	json_array_foreach(list, i, v)
		if (is_text(member(v, "type"), row->type)) {
			found = true;
			lower(j, v, i, key, "soft", most);
			lower(j, v, i, key, "hard", most);
		}
	if (!found && below(j, key, place("/process/rlimits"), "--ulimit", "has no %s, which is then the engine's own", row->type))
		append(j, array_at(j, process_of(j), "rlimits"), json_pack("{s:s, s:I, s:I}", "type", row->type, "hard", (json_int_t)most,
									      "soft", (json_int_t)most));
}

void judge_rlimits(struct judging *j)
{
	for (size_t i = 0; i < oci_rlimits_len; i++)
		judge_rlimit(j, &oci_rlimits[i]);
}

/* A real-time policy needs no more than RLIMIT_RTPRIO when root sets it: sched(7). */
void judge_scheduler(struct judging *j)
{
	json_t *process = process_of(j), *policy = member(member(process, "scheduler"), "policy");
	const uint64_t most = j->bound->limits.rlimits.rtprio;
	bool deadline = is_text(policy, "SCHED_DEADLINE");

	if (!deadline && !is_text(policy, "SCHED_FIFO") && !is_text(policy, "SCHED_RR"))
		return;
	if (most >= 99 || (!deadline && (uint64_t)number_in(member(process, "scheduler"), "priority") <= most))
		return;
	if (below(j, "limits.rlimits.rtprio", place("/process/scheduler"), "leave it out", "a loop could keep a CPU to itself"))
		json_object_del(process, "scheduler");
}

/* To some schedulers it counts whatever the cgroup: ioprio_set(2). */
void judge_io_priority(struct judging *j)
{
	json_t *process = process_of(j);

	if (is_text(member(member(process, "ioPriority"), "class"), "IOPRIO_CLASS_RT") &&
	    below(j, "", place("/process/ioPriority"), "another class", "others would wait for the disk while it uses it"))
		json_object_del(process, "ioPriority");
}

/* What is given none has the engine's, and containerd's is -999. */
void judge_oom_score(struct judging *j)
{
	json_t *process = process_of(j);
	int64_t score = j->facts->oom_score_adj;

	integer_of(member(process, "oomScoreAdj"), &score);
	if (score < 0 &&
	    below(j, "", place("/process/oomScoreAdj"), "0 or more", "others would be killed in its place"))
		put(j, process, "oomScoreAdj", json_integer(0));
}

void judge_personality(struct judging *j)
{
	json_t *personality = member(member(j->config, "linux"), "personality");

	if (json_array_size(member(personality, "flags")) &&
	    below(j, "", place("/linux/personality/flags"), "leave them out", "they take protections of the kernel away, such as random addresses"))
		json_object_del(personality, "flags");
}

/* --- beside the specification --- */

/* Annotations by which a runtime is told to do something else than config.json says: crun(1) has the filter as raw BPF, hooks' output
 * to any file, another program altogether; both set properties of the unit (runc: docs/systemd.md). What podman itself sets is harmless. */
static bool commands(const char *name)
{
	static const char *const prefixes[] = { "run.oci.", "module.wasm.", "org.systemd.property." };
	static const char *const harmless[] = {
		"org.systemd.property.KillSignal", "org.systemd.property.TimeoutStopUSec", "org.systemd.property.TimeoutStopSec",
		"org.systemd.property.CollectMode",
	};
	bool found = false;

	for (size_t i = 0; i < COUNT(prefixes); i++)
		found |= strncmp(name, prefixes[i], strlen(prefixes[i])) == 0;
	for (size_t i = 0; i < COUNT(harmless); i++)
		found &= strcmp(name, harmless[i]) != 0;
	return found;
}

void judge_annotations(struct judging *j)
{
	json_t *notes = member(j->config, "annotations"), *v;
	const char *name;
	void *next;

	json_object_foreach_safe(notes, next, name, v)
		if (commands(name) && below(j, "", place("/annotations/%.120s", name), "leave it out", "tells the runtime to do otherwise than config.json says"))
			json_object_del(notes, name);
}

/* The init that engines put before the program (--init). */
static bool has_init(const struct judging *j)
{
	static const char *const inits[] = { "/run/podman-init", "/dev/init", "/sbin/docker-init" };
	json_t *first = json_array_get(member(process_of(j), "args"), 0);

	for (size_t i = 0; i < COUNT(inits); i++)
		if (is_text(first, inits[i]))
			return true;
	return false;
}

/* What config.json has no field for. A floor says "must", and means it; a policy that was written for the launcher has some of it
 * by default, and is told. */
void judge_absent(struct judging *j)
{
	const struct oci_bound *b = j->bound;
	const struct { bool wanted; const char *key, *what; bool hard; } absent[] = {
		{ b->exec_once, "exec_once", "no config.json keeps a program from executing others", true },
		{ b->landlock && !j->facts->landlock && !(b->without & CONTROL_BIT(CONTROL_landlock)), "landlock",
		  "no config.json asks for Landlock: mounts and AppArmor alone say where may be written", !b->of_policy },
		{ b->init && !j->facts->init && !has_init(j), "init", "no PID 1 that reaps: the engine's is --init", !b->of_policy },
	};

	for (size_t i = 0; i < COUNT(absent); i++)
		if (absent[i].wanted && absent[i].hard)
			refuse(j, absent[i].key, place("/process"), "run it under casemate", "%s", absent[i].what);
		else if (absent[i].wanted)
			lost(j, absent[i].key, place("/process"), "%s", absent[i].what);
}
