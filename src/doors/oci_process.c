/* oci_process.c - config.json: what runs, as whom, and with what powers. */
#include "oci_import.h"

#include "../base/cleanup.h"
#include "../policy/names.h"
#include "../policy/suggest.h"
#include "../policy/tree.h"

#include <string.h>

/* Who is nobody in particular; what the docker door takes, too. */
enum { UNPRIVILEGED = 10001 };

void take_version(struct oci_import *im, json_t *v)
{
	if (strncmp(json_string_value(v), "1.", 2) != 0)
		oci_refuse(im, "a specification of version 1", "unknown version \"%.20s\"", json_string_value(v));
}

void take_root(struct oci_import *im, json_t *v)
{
	const char *path = json_string_value(json_object_get(v, "path"));
	_auto(free_mem) char *whole = NULL;

	if (json_is_false(json_object_get(v, "readonly"))) {
		oci_here(im, "/root/readonly");
		oci_tighten(im, "/rootfs", "the root is always read-only; bind or tmpfs what is written");
	}
	if (!path)
		return;
	oci_here(im, "/root/path");
	whole = oci_path(im, path);
	if (whole)
		door_set(im->door, "/rootfs", json_string(whole));
}

void take_hostname_field(struct oci_import *im, json_t *v)
{
	if (json_string_length(v))
		door_set(im->door, "/hostname", json_incref(v));
}

/* --- annotations --- */

static bool is_unsaid(const char *key)
{
	if (strncmp(key, OCI_RLIMITS, strlen(OCI_RLIMITS)) == 0)
		return true;
	for (const char *const *k = oci_unsaid; *k; k++)
		if (strcmp(*k, key) == 0)
			return true;
	return false;
}

static void unknown_annotation(struct oci_import *im, const char *key)
{
	char hint[GUESS_MAX + 64] = "only what a config.json has no field for";
	struct guess g;

	guess_start(&g, key);
	for (const char *const *k = oci_unsaid; *k; k++)
		guess_offer(&g, *k, strlen(*k));
	if (*g.best)
		snprintf(hint, sizeof(hint), "did you mean \"" OCI_ANNOTATION "%s\"?", g.best);
	oci_refuse(im, hint, "casemate knows no such annotation");
}

/* "stop.timeout" is /stop/timeout. */
static void set_key(struct oci_import *im, const char *key, const char *text)
{
	char pointer[64] = "/";
	json_t *value = json_loads(text, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);

	snprintf(pointer + 1, sizeof(pointer) - 1, "%s", key);
	for (char *dot = pointer; (dot = strchr(dot, '.'));)
		*dot = '/';
	if (value)
		door_set(im->door, pointer, value);
	else
		oci_refuse(im, "JSON text, as in the policy", "not the value of a key");
}

void take_annotations(struct oci_import *im, json_t *v)
{
	const size_t prefix = strlen(OCI_ANNOTATION);
	size_t others = 0;
	const char *name;
	json_t *value;

	json_object_foreach(v, name, value) {
		const char *key = name + prefix;

		if (strncmp(name, OCI_ANNOTATION, prefix) != 0 || strcmp(key, "policy") == 0) {
			others++;
			continue;
		}
		oci_here(im, "/annotations/%s", name);
		if (strcmp(key, "seccomp") == 0 || strcmp(key, "idmap") == 0 || !json_is_string(value))
			continue;	/* read where they count; what is no string is noted already */
		if (is_unsaid(key))
			set_key(im, key, json_string_value(value));
		else
			unknown_annotation(im, key);
	}
	oci_here(im, "/annotations");
	if (others)
		oci_no_effect(im, "%zu annotation%s of others", others, others == 1 ? "" : "s");
}

/* --- program and environment --- */

void take_terminal(struct oci_import *im, json_t *v)
{
	if (json_is_true(v))
		oci_no_effect(im, "no terminal is made: the workload has the standard input and output of its launcher");
}

void take_args_field(struct oci_import *im, json_t *v)
{
	json_t *arg;
	size_t i;

	json_array_foreach(v, i, arg) {
		oci_here(im, "/process/args/%zu", i);
		if (json_is_string(arg))
			door_set(im->door, "/args/-", json_incref(arg));
	}
}

void take_cwd(struct oci_import *im, json_t *v)
{
	if (strcmp(json_string_value(v), "/") != 0)
		door_set(im->door, "/cwd", json_incref(v));
}

void take_env_field(struct oci_import *im, json_t *v)
{
	json_t *entry;
	size_t i;

	json_array_foreach(v, i, entry) {
		const char *text = json_string_value(entry), *eq = text ? strchr(text, '=') : NULL;
		_auto(free_mem) char *name = eq ? strndup(text, (size_t)(eq - text)) : NULL;

		oci_here(im, "/process/env/%zu", i);
		if (text && !eq)
			oci_refuse(im, "NAME=VALUE", "no variable");
		if (name && (strcmp(name, "PATH") != 0 || strcmp(eq + 1, default_path) != 0))
			door_set_member(im->door, "/env", name, json_string(eq + 1));
	}
}

/* --- ids --- */

static bool all_unsigned(json_t *user)
{
	static const char *const names[] = { "uid", "gid", "umask" };

	for (size_t i = 0; i < COUNT(names); i++)
		if (json_integer_value(json_object_get(user, names[i])) < 0)
			return false;
	return true;
}

static void take_id(struct oci_import *im, json_t *user, const char *name, const char *pointer)
{
	json_int_t id = json_integer_value(json_object_get(user, name));

	oci_here(im, "/process/user/%s", name);
	if (id == 0)
		oci_tighten(im, pointer, "%s 0 does not exist in a container: it is %d; name another, and give the files to it", name,
			    UNPRIVILEGED);
	door_set(im->door, pointer, json_integer(id ? id : UNPRIVILEGED));
}

static void take_groups(struct oci_import *im, json_t *groups)
{
	json_t *gid;
	size_t i;

	json_array_foreach(groups, i, gid) {
		oci_here(im, "/process/user/additionalGids/%zu", i);
		if (!json_is_integer(gid))
			continue;
		if (json_integer_value(gid) == 0)
			oci_tighten(im, "/user/groups", "gid 0 does not exist in a container");
		else
			door_set(im->door, "/user/groups/-", json_incref(gid));
	}
}

void take_user_field(struct oci_import *im, json_t *v)
{
	json_t *umask = json_object_get(v, "umask");

	if (v && !all_unsigned(v)) {
		oci_refuse(im, NULL, "an id or mask below 0");
		return;
	}
	take_id(im, v, "uid", "/user/uid");
	take_id(im, v, "gid", "/user/gid");
	take_groups(im, json_object_get(v, "additionalGids"));
	oci_here(im, "/process/user/umask");
	if (json_is_integer(umask))
		door_set(im->door, "/user/umask", json_sprintf("%04llo", (unsigned long long)json_integer_value(umask)));
}

/* --- powers --- */

void take_nnp(struct oci_import *im, json_t *v)
{
	if (json_is_false(v))
		oci_tighten(im, NULL, "it always holds, so setuid programs gain nothing");
}

void take_apparmor(struct oci_import *im, json_t *v)
{
	if (!json_string_length(v) || strcmp(json_string_value(v), "unconfined") == 0)
		oci_tighten(im, "/apparmor", "here it is casemate-default");
	else
		door_set(im->door, "/apparmor", json_incref(v));
}

static uint64_t mask_of(struct oci_import *im, json_t *caps, const char *set, bool note)
{
	uint64_t mask = 0;
	json_t *name;
	size_t i;

	json_array_foreach(json_object_get(caps, set), i, name) {
		const char *text = json_string_value(name);
		int cap = text ? capability_number(text) : -1;

		if (cap >= 0 && strncmp(text, "CAP_", 4) == 0) {
			mask |= UINT64_C(1) << cap;
		} else if (text && note) {
			oci_here(im, "/process/capabilities/%s/%zu", set, i);
			oci_refuse(im, "as in capabilities(7): CAP_NET_RAW", "unknown capability");
		}
	}
	return mask;
}

#define CAP(n) (UINT64_C(1) << (n))
/* What engines give to everybody who does not ask: docker, podman, and the examples of the runtimes. */
static const uint64_t engine_defaults[] = {
	CAP(0) | CAP(1) | CAP(3) | CAP(4) | CAP(5) | CAP(6) | CAP(7) | CAP(8) | CAP(10) | CAP(13) | CAP(18) | CAP(27) | CAP(29) | CAP(31),
	CAP(0) | CAP(1) | CAP(3) | CAP(4) | CAP(5) | CAP(6) | CAP(7) | CAP(8) | CAP(10) | CAP(18) | CAP(31),
	CAP(5) | CAP(10) | CAP(29),
};

static bool is_engine_default(uint64_t mask)
{
	for (size_t i = 0; i < COUNT(engine_defaults); i++)
		if (mask == engine_defaults[i])
			return true;
	return false;
}

/* A user other than root has a capability after execve only when it is ambient; what is merely in the bounding set
 * waits for a setuid program, and no_new_privs lets it wait for ever. Root has what is permitted. */
void take_caps(struct oci_import *im, json_t *v)
{
	static const char *const sets[] = { "bounding", "effective", "permitted", "inheritable", "ambient" };
	bool root = json_integer_value(oci_get(im, "/process/user/uid")) == 0;
	uint64_t mask[COUNT(sets)], all = 0, kept;

	for (size_t i = 0; i < COUNT(sets); i++)
		all |= mask[i] = mask_of(im, v, sets[i], true);
	kept = root ? (mask[2] | mask[4]) & mask[0] : mask[4] & mask[2] & mask[0];
	oci_here(im, "/process/capabilities");
	if (is_engine_default(kept)) {
		oci_tighten(im, "/capabilities", "what engines give without being asked is left out: here there are none");
		kept = 0;
	} else if (all & ~kept) {
		oci_tighten(im, "/capabilities", "what is in some of the five sets only is left out: nothing could use it");
	}
	for (size_t i = 0; i < capability_names_len; i++)
		if (kept >> i & 1)
			door_set(im->door, "/capabilities/-", json_string(capability_names[i]));
}

void take_score(struct oci_import *im, json_t *v)
{
	if (json_integer_value(v) < 0)
		oci_tighten(im, NULL, "the OOM killer does not pass over a container");
	else if (json_integer_value(v) > 0)
		oci_no_effect(im, "limits.memory kills inside the container before the host is short");
}

void take_scheduler(struct oci_import *im, json_t *v)
{
	const char *policy = json_string_value(json_object_get(v, "policy"));

	if (!policy || strcmp(policy, "SCHED_OTHER") != 0)
		oci_refuse(im, "limits.cpu_weight gives it more than others", "scheduling is always SCHED_OTHER");
	else if (json_integer_value(json_object_get(v, "nice")))
		oci_no_effect(im, "limits.cpu_weight says how CPUs are shared");
}

/* --- rlimits --- */

static void take_rlimit(struct oci_import *im, json_t *obj)
{
	const char *type = json_string_value(json_object_get(obj, "type"));
	json_int_t soft = json_integer_value(json_object_get(obj, "soft")), hard = json_integer_value(json_object_get(obj, "hard"));
	char pointer[64];

	for (size_t i = 0; type && i < oci_rlimits_len; i++)
		if (strcmp(type, oci_rlimits[i].type) == 0) {
			snprintf(pointer, sizeof(pointer), "/limits/rlimits/%s", oci_rlimits[i].name);
			if (soft < 0 || hard < soft) {
				oci_refuse(im, "soft is at most hard", "no limit");
				return;
			}
			if (hard != soft)
				oci_tighten(im, pointer, "soft and hard limit are one: the soft one");
			door_set(im->door, pointer, soft == INT64_MAX ? json_string("unlimited") : json_integer(soft));
			return;
		}
	if (type && soft == INT64_MAX)
		oci_no_effect(im, "not limited here, either");
	else if (type)
		oci_refuse(im, "limits.memory and limits.pids hold for all of the container", "%.40s is not limited here", type);
}

void take_rlimits(struct oci_import *im, json_t *v)
{
	json_t *obj;
	size_t i;

	json_array_foreach(v, i, obj) {
		oci_here(im, "/process/rlimits/%zu", i);
		take_rlimit(im, obj);
	}
}
