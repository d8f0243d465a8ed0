/* oci_linux.c - config.json: namespaces, ids, devices, the filter, and what is hidden. */
#include "oci_import.h"

#include "../base/cleanup.h"
#include "../policy/path.h"
#include "../policy/suggest.h"
#include "../policy/tree.h"

#include <string.h>

/* --- namespaces --- */

enum { PID, MOUNT, USER, NETWORK, IPC, UTS, CGROUP, TIME, SPACES };
static const char *const spaces[SPACES] = {
	[PID] = "pid", [MOUNT] = "mount", [USER] = "user", [NETWORK] = "network", [IPC] = "ipc", [UTS] = "uts",
	[CGROUP] = "cgroup", [TIME] = "time",
};

static int space_number(struct oci_import *im, const char *type)
{
	char hint[GUESS_MAX + 32] = "pid, mount, user, network, ipc, uts, cgroup, time";
	struct guess g;

	guess_start(&g, type);
	for (int i = 0; i < SPACES; i++) {
		if (strcmp(type, spaces[i]) == 0)
			return i;
		guess_offer(&g, spaces[i], strlen(spaces[i]));
	}
	if (*g.best)
		snprintf(hint, sizeof(hint), "did you mean \"%s\"?", g.best);
	oci_refuse(im, hint, "there is no such namespace");
	return -1;
}

static void take_namespace_entry(struct oci_import *im, json_t *obj, bool seen[SPACES])
{
	const char *type = json_string_value(json_object_get(obj, "type")), *path = json_string_value(json_object_get(obj, "path"));
	int n = type ? space_number(im, type) : -1;

	if (n < 0)
		return;
	seen[n] = true;
	if (!path || !*path)
		return;
	if (n == NETWORK) {
		door_set(im->door, "/network/mode", json_string("path"));
		door_set(im->door, "/network/path", json_string(path));
	} else {
		oci_refuse(im, "leave the path out to have one of its own", "no %s namespace but its own", type);
	}
}

/* An annotation says so: it becomes the key. */
static bool unwanted(struct oci_import *im, const char *type)
{
	char name[64];

	snprintf(name, sizeof(name), OCI_ANNOTATION "namespaces.%s", type);
	return json_object_get(oci_get(im, "/annotations"), name);
}

/* A namespace that is not listed is the runtime's own: the host's. Only the network has to follow, because a service may
 * need it; each of the others stays shut. */
void take_namespaces(struct oci_import *im, json_t *v)
{
	bool seen[SPACES] = { false };
	char missing[80] = "";
	json_t *obj;
	size_t i;

	json_array_foreach(v, i, obj) {
		oci_here(im, "/linux/namespaces/%zu", i);
		take_namespace_entry(im, obj, seen);
	}
	oci_here(im, "/linux/namespaces");
	if (!seen[NETWORK])
		door_set(im->door, "/network/mode", json_string("host"));
	for (i = 0; i < SPACES; i++)
		if (!seen[i] && i != NETWORK && !unwanted(im, spaces[i]))
			snprintf(missing + strlen(missing), sizeof(missing) - strlen(missing), "%s%s", *missing ? ", " : "", spaces[i]);
	if (*missing)
		oci_tighten(im, "/namespaces", "not listed, and the container's own all the same: %s", missing);
}

void take_propagation(struct oci_import *im, json_t *v)
{
	static const char *const fine[] = { "", "private", "rprivate", "slave", "rslave", "unbindable", "runbindable" };

	for (size_t i = 0; i < COUNT(fine); i++)
		if (strcmp(json_string_value(v), fine[i]) == 0)
			return;
	oci_tighten(im, NULL, "every mount is private: nothing that is mounted inside shows outside");
}

/* --- ids --- */

static void take_map(struct oci_import *im, json_t *v, const char *name)
{
	char pointer[64];
	json_int_t id;
	json_t *row;
	size_t i;

	snprintf(pointer, sizeof(pointer), "/process/user/%s", name);
	id = json_integer_value(oci_get(im, pointer));
	json_array_foreach(v, i, row) {
		json_int_t inside = json_integer_value(json_object_get(row, "containerID"));
		json_int_t outside = json_integer_value(json_object_get(row, "hostID"));
		json_int_t size = json_integer_value(json_object_get(row, "size"));

		/* As a difference: a size may be all there are. */
		if (id < inside || id - inside >= size)
			continue;
		if (outside - inside != 0 && id)
			oci_refuse(im, "give what it writes to that id, or run it as the id of the host",
				   "on the host the %s would be %lld: here it is the same number on both sides", name,
				   (long long)(outside - inside + id));
		return;
	}
}

void take_uid_map(struct oci_import *im, json_t *v)
{
	take_map(im, v, "uid");
}

void take_gid_map(struct oci_import *im, json_t *v)
{
	take_map(im, v, "gid");
}

/* --- clocks, settings, personality --- */

void take_offsets(struct oci_import *im, json_t *v)
{
	const char *clock;
	json_t *offset;

	json_object_foreach(v, clock, offset) {
		char pointer[64];

		oci_here(im, "/linux/timeOffsets/%.40s", clock);
		if (strcmp(clock, "monotonic") != 0 && strcmp(clock, "boottime") != 0) {
			oci_refuse(im, "monotonic or boottime", "there is no such clock");
			continue;
		}
		if (json_integer_value(json_object_get(offset, "nanosecs")))
			oci_refuse(im, NULL, "offsets are whole seconds here");
		snprintf(pointer, sizeof(pointer), "/time/%s", clock);
		if (json_integer_value(json_object_get(offset, "secs")))
			door_set(im->door, pointer, json_integer(json_integer_value(json_object_get(offset, "secs"))));
	}
}

void take_sysctl_field(struct oci_import *im, json_t *v)
{
	const char *name;
	json_t *value;

	json_object_foreach(v, name, value) {
		oci_here(im, "/linux/sysctl/%.100s", name);
		if (json_is_string(value))
			door_set_member(im->door, "/sysctl", name, json_incref(value));
	}
}

void take_personality(struct oci_import *im, json_t *v)
{
	const char *domain = json_string_value(json_object_get(v, "domain"));

	if (domain && strcmp(domain, "LINUX") != 0)
		oci_refuse(im, "leave it out", "the personality is always that of the kernel: LINUX");
	if (json_array_size(json_object_get(v, "flags")))
		oci_refuse(im, "leave them out", "no flag of a personality is set: they weaken the program's defences");
}

/* --- devices --- */

static bool is_minimal(const char *path)
{
	for (size_t i = 0; i < tree_devices_len; i++)
		if (strcmp(tree_devices[i].path, path) == 0)
			return true;
	return strcmp(path, "/dev/ptmx") == 0 || strcmp(path, "/dev/console") == 0;
}

static bool covers(json_t *rule, const char *name, json_int_t value)
{
	json_t *v = json_object_get(rule, name);

	return !json_is_integer(v) || json_integer_value(v) == value || json_integer_value(v) == -1;
}

/* What the rules leave of it, the last that speaks of it has the last word: config-linux.md, "Allowed Device list". */
static void allowed(struct oci_import *im, json_t *device, bool *read, bool *write)
{
	const char *type = json_string_value(json_object_get(device, "type"));
	json_t *rules = oci_get(im, "/linux/resources/devices"), *rule;
	size_t i;

	json_array_foreach(rules, i, rule) {
		const char *t = json_string_value(json_object_get(rule, "type")), *a = json_string_value(json_object_get(rule, "access"));
		bool allow = json_is_true(json_object_get(rule, "allow"));
		bool unbuffered = type && strcmp(type, "u") == 0;

		if ((t && *t && strcmp(t, "a") != 0 && type && strcmp(t, unbuffered ? "c" : type) != 0) ||
		    !covers(rule, "major", json_integer_value(json_object_get(device, "major"))) ||
		    !covers(rule, "minor", json_integer_value(json_object_get(device, "minor"))))
			continue;
		*read = !a || strchr(a, 'r') ? allow : *read;
		*write = !a || strchr(a, 'w') ? allow : *write;
	}
}

void take_devices(struct oci_import *im, json_t *v)
{
	json_t *device;
	size_t i;

	json_array_foreach(v, i, device) {
		const char *path = json_string_value(json_object_get(device, "path")), *type = json_string_value(json_object_get(device, "type"));
		bool read = false, write = false;

		oci_here(im, "/linux/devices/%zu", i);
		if (!path || is_minimal(path))
			continue;
		allowed(im, device, &read, &write);
		if (type && strcmp(type, "p") == 0)
			oci_refuse(im, "bind one of the host", "a FIFO is no device");
		else if (!read && !write)
			oci_refuse(im, "give it a rule in linux.resources.devices", "no rule allows opening it");
		else
			door_set(im->door, "/devices/-", json_pack("{s:s, s:b, s:b}", "path", path, "read", read, "write", write));
	}
}

void take_device_rules(struct oci_import *im, json_t *v)
{
	json_t *rule;
	size_t i;

	json_array_foreach(v, i, rule) {
		const char *t = json_string_value(json_object_get(rule, "type"));
		bool any = !json_is_integer(json_object_get(rule, "major")) && (!t || !*t || strcmp(t, "a") == 0);

		if (any && json_is_true(json_object_get(rule, "allow"))) {
			oci_here(im, "/linux/resources/devices/%zu", i);
			oci_tighten(im, "/devices", "only the devices that are listed exist");
		}
	}
}

/* --- the filter --- */

static bool holds_clamped(json_t *v)
{
	const char *name;
	json_t *below;
	size_t i;

	if (json_is_integer(v))
		return json_integer_value(v) == INT64_MAX;
	json_object_foreach(v, name, below)
		if (holds_clamped(below))
			return true;
	json_array_foreach(v, i, below)
		if (holds_clamped(below))
			return true;
	return false;
}

/* The name that the policy had for it, if this is still what was made of that; borrowed from *keep. */
static json_t *named(struct oci_import *im, json_t *seccomp, json_t **keep)
{
	const char *text = json_string_value(json_object_get(oci_get(im, "/annotations"), OCI_SECCOMP)), *sha256;
	char digest[OCI_DIGEST];

	*keep = text ? json_loads(text, 0, NULL) : NULL;
	sha256 = json_string_value(json_object_get(*keep, "sha256"));
	return sha256 && oci_digest(seccomp, digest) && strcmp(sha256, digest) == 0 ? *keep : NULL;
}

/* Flags that would weaken the filter, or that mean nothing to a launcher with one thread. */
static json_t *without_flags(struct oci_import *im, json_t *seccomp)
{
	json_t *ret = json_copy(seccomp), *flag;
	json_auto_t *kept = json_array();
	size_t i;

	json_array_foreach(json_object_get(seccomp, "flags"), i, flag) {
		oci_here(im, "/linux/seccomp/flags/%zu", i);
		if (json_is_string(flag) && strcmp(json_string_value(flag), "SECCOMP_FILTER_FLAG_SPEC_ALLOW") == 0)
			oci_tighten(im, "/seccomp", "the defence against speculative store bypass stays on");
		else if (!json_is_string(flag) || strcmp(json_string_value(flag), "SECCOMP_FILTER_FLAG_TSYNC") != 0)
			json_array_append(kept, flag);
	}
	json_object_del(ret, "flags");
	if (json_array_size(kept))
		json_object_set(ret, "flags", kept);
	json_object_del(ret, "listenerPath");		/* refused already */
	json_object_del(ret, "listenerMetadata");
	return ret;
}

void take_seccomp(struct oci_import *im, json_t *v)
{
	json_auto_t *keep = NULL;
	json_t *name = named(im, v, &keep), *deny = json_object_get(name, "deny");

	if (name) {
		door_set(im->door, "/seccomp/profile", json_incref(json_object_get(name, "profile")));
		if (json_is_string(deny) && strcmp(json_string_value(deny), "errno") != 0)
			door_set(im->door, "/seccomp/deny", json_incref(deny));
	} else if (holds_clamped(v)) {
		oci_refuse(im, "compare 63 bits", "an argument is compared with more than 2^63-1");
	} else {
		door_set(im->door, "/seccomp/profile", without_flags(im, v));
	}
}

/* --- what is hidden --- */

static bool is_masked(const char *path)
{
	for (size_t i = 0; i < tree_masked_len; i++)
		if (path_below(path, tree_masked[i].path))
			return true;
	return false;
}

void take_masked(struct oci_import *im, json_t *v)
{
	json_t *path;
	size_t i;

	json_array_foreach(v, i, path) {
		const char *p = json_string_value(path);

		oci_here(im, "/linux/maskedPaths/%zu", i);
		if (!p || is_masked(p))
			continue;
		if (strcmp(p, "/proc/timer_stats") == 0)
			oci_no_effect(im, "kernels have not had it since 4.11");
		else
			oci_refuse(im, path_below(p, "/sys") ? "\"sys\": false leaves all of /sys out" : path_below(p, "/proc") ?
				   "\"proc\": \"pid\" leaves all but the processes out" : "mount an empty tmpfs over it",
				   "not among the paths that are hidden here: %.80s", p);
	}
}

/* Everything but writable mounts is read-only anyway, and so is all of /sys. */
void take_read_only(struct oci_import *im, json_t *v)
{
	json_t *path;
	size_t i, k;

	json_array_foreach(v, i, path) {
		const char *p = json_string_value(path);

		for (k = 0; p && k < tree_read_only_len && !path_below(p, tree_read_only[k]); k++)
			;
		if (!p || k < tree_read_only_len || is_masked(p) || path_below(p, "/sys"))
			continue;
		oci_here(im, "/linux/readonlyPaths/%zu", i);
		if (path_below(p, "/proc"))
			oci_refuse(im, "\"proc\": \"pid\" leaves all but the processes out", "not among the paths that are read-only here: %.80s", p);
		else
			oci_no_effect(im, "what is no writable mount is read-only; below one it is not taken back");
	}
}
