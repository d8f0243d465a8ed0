/* floor_special.c - the keys of a floor that mean more than a bound on the policy's key of that name; see floor_judging.h. */
#include "floor_judging.h"

#include "../base/cleanup.h"
#include "names.h"
#include "path.h"
#include "read.h"

#include <inttypes.h>
#include <string.h>

/* --- lists, for people --- */

static const char *all_strings(const struct strings *list, char text[TEXT_MAX])
{
	text[0] = '\0';
	for (size_t i = 0; i < list->n; i++)
		floor_add_word(text, list->v[i]);
	return list->n ? text : "none";
}

static const char *all_numbers(const struct numbers *list, char text[TEXT_MAX])
{
	char number[24];

	text[0] = '\0';
	for (size_t i = 0; i < list->n; i++) {
		snprintf(number, sizeof(number), "%" PRIu64, list->v[i]);
		floor_add_word(text, number);
	}
	return list->n ? text : "none";
}

static const char *all_capabilities(uint64_t mask, char text[TEXT_MAX])
{
	text[0] = '\0';
	for (size_t i = 0; i < capability_names_len; i++)
		if (mask >> i & 1)
			floor_add_word(text, capability_names[i]);
	return mask ? text : "none";
}

static bool has_string(const struct strings *list, const char *s)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->v[i], s) == 0)
			return true;
	return false;
}

static bool has_number(const struct numbers *list, uint64_t n)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->v[i] == n)
			return true;
	return false;
}

/* --- keys --- */

static void judge_rootfs(const struct judging *j, const char *key)
{
	const struct strings *trees = &j->floor->rootfs;
	char text[TEXT_MAX];

	if (trees->v && !path_below_any(j->policy->rootfs, trees->v))
		floor_below(j, key, "/rootfs", "rootfs is %.100s, and the floor allows %s", j->policy->rootfs, all_strings(trees, text));
}

static void judge_env_pass(const struct judging *j, const char *key)
{
	char pointer[TEXT_MAX], text[TEXT_MAX];

	for (size_t i = 0; j->floor->env_pass.v && i < j->policy->env_pass.n; i++) {
		if (has_string(&j->floor->env_pass, j->policy->env_pass.v[i]))
			continue;
		snprintf(pointer, sizeof(pointer), "/env_pass/%zu", i);
		floor_below(j, key, pointer, "env_pass has %.100s, and the floor allows %s", j->policy->env_pass.v[i], all_strings(&j->floor->env_pass, text));
	}
}

static void judge_id(const struct judging *j, const char *key, const char *pointer, uint64_t id, const struct floor_range *range)
{
	if (id < range->min || id > range->max)
		floor_below(j, key, pointer, "%s is %" PRIu64 ", and the floor allows %" PRIu64 " to %" PRIu64, key, id, range->min, range->max);
}

static void judge_uid(const struct judging *j, const char *key)
{
	(void)key;
	judge_id(j, "user.uid", "/user/uid", j->policy->user.uid, &j->floor->user.uid);
}

static void judge_gid(const struct judging *j, const char *key)
{
	const struct numbers *groups = &j->policy->user.groups;
	char pointer[TEXT_MAX];

	(void)key;
	judge_id(j, "user.gid", "/user/gid", j->policy->user.gid, &j->floor->user.gid);
	for (size_t i = 0; i < groups->n; i++) {
		snprintf(pointer, sizeof(pointer), "/user/groups/%zu", i);
		judge_id(j, "user.gid", pointer, groups->v[i], &j->floor->user.gid);
	}
}

static void judge_capabilities(const struct judging *j, const char *key)
{
	uint64_t more = j->policy->capabilities & ~j->floor->capabilities;
	char have[TEXT_MAX], want[TEXT_MAX];

	if (j->floor->capabilities_given && more)
		floor_below(j, key, "/capabilities", "capabilities has %s, and the floor allows %s", all_capabilities(more, have),
		      all_capabilities(j->floor->capabilities, want));
}

static void judge_seccomp(const struct judging *j, const char *key)
{
	const struct seccomp_policy *s = &j->policy->seccomp;
	char text[TEXT_MAX];

	if (j->floor->seccomp.profile.v && (s->inline_json || !has_string(&j->floor->seccomp.profile, s->profile)))
		floor_below(j, key, "/seccomp/profile", "seccomp.profile is %.100s, and the floor allows %s", s->inline_json ? "inline" : s->profile,
		      all_strings(&j->floor->seccomp.profile, text));
}

static void judge_apparmor(const struct judging *j, const char *key)
{
	char text[TEXT_MAX];

	if (j->floor->apparmor.v && !has_string(&j->floor->apparmor, j->policy->apparmor))
		floor_below(j, key, "/apparmor", "apparmor is %.100s, and the floor allows %s", j->policy->apparmor, all_strings(&j->floor->apparmor, text));
}

static void judge_netns(const struct judging *j, const char *key)
{
	char text[TEXT_MAX];

	if (j->floor->network.path.v && j->policy->network.mode == NETWORK_PATH && !path_below_any(j->policy->network.path, j->floor->network.path.v))
		floor_below(j, key, "/network/path", "network.path is %.100s, and the floor allows %s", j->policy->network.path,
		      all_strings(&j->floor->network.path, text));
}

/* Without a network there is nobody to listen for, and nobody to call. */
static void judge_ports(const struct judging *j, const char *key, const char *pointer, const struct numbers *allowed,
			bool given, const struct numbers *ports)
{
	char place[TEXT_MAX], text[TEXT_MAX];

	if (j->policy->network.mode == NETWORK_NONE)
		return;
	if (!given)
		floor_below(j, key, pointer, "%s is missing, which means every port, and the floor allows %s", key, all_numbers(allowed, text));
	for (size_t i = 0; i < ports->n; i++) {
		if (has_number(allowed, ports->v[i]))
			continue;
		snprintf(place, sizeof(place), "%s/%zu", pointer, i);
		floor_below(j, key, place, "%s has %" PRIu64 ", and the floor allows %s", key, ports->v[i], all_numbers(allowed, text));
	}
}

static void judge_listen(const struct judging *j, const char *key)
{
	const struct network_policy *n = &j->policy->network;

	if (j->floor->network.restrict_listen)
		judge_ports(j, key, "/network/listen", &j->floor->network.listen, n->restrict_listen, &n->listen);
}

static void judge_connect(const struct judging *j, const char *key)
{
	const struct network_policy *n = &j->policy->network;

	if (j->floor->network.restrict_connect)
		judge_ports(j, key, "/network/connect", &j->floor->network.connect, n->restrict_connect, &n->connect);
}

static bool fits(const struct mount_policy *m, const struct mount_policy *into)
{
	if (m->type != into->type || !path_below(m->target, into->target) || m->exec > into->exec || m->suid > into->suid || m->dev > into->dev)
		return false;
	return m->type == MOUNT_TMPFS ||
		(path_below(m->source, into->source) && m->read_only >= into->read_only && m->idmap <= into->idmap);
}

static void judge_mounts(const struct judging *j, const char *key)
{
	char pointer[TEXT_MAX];

	for (size_t i = 0; j->floor->mounts && i < j->policy->n_mounts; i++) {
		const struct mount_policy *m = &j->policy->mounts[i];
		bool good = m->type == MOUNT_TMPFS && !m->exec && !m->suid && !m->dev;

		for (size_t k = 0; !good && k < j->floor->n_mounts; k++)
			good = fits(m, &j->floor->mounts[k]);
		if (good)
			continue;
		snprintf(pointer, sizeof(pointer), "/mounts/%zu", i);
		floor_below(j, key, pointer, "a %s%s%s%s%s of %.60s on %.60s fits into none of the floor's %zu mounts",
		      m->type == MOUNT_TMPFS ? "tmpfs" : m->read_only ? "read-only bind" : "writable bind", m->exec ? ", exec," : "",
		      m->suid ? ", suid," : "", m->dev ? ", dev," : "", m->idmap ? ", idmap," : "", m->source ? m->source : "memory", m->target,
		      j->floor->n_mounts);
	}
}

static void judge_devices(const struct judging *j, const char *key)
{
	char pointer[TEXT_MAX];

	for (size_t i = 0; j->floor->devices && i < j->policy->n_devices; i++) {
		const struct device_policy *d = &j->policy->devices[i];
		bool good = false;

		for (size_t k = 0; k < j->floor->n_devices; k++)
			good |= strcmp(d->path, j->floor->devices[k].path) == 0 && d->read <= j->floor->devices[k].read &&
				d->write <= j->floor->devices[k].write;
		if (good)
			continue;
		snprintf(pointer, sizeof(pointer), "/devices/%zu", i);
		floor_below(j, key, pointer, "%.60s%s%s is none of the floor's %zu devices", d->path, d->read ? ", read" : "", d->write ? ", write" : "",
		      j->floor->n_devices);
	}
}

static void judge_sysctl(const struct judging *j, const char *key)
{
	char pointer[2 * TEXT_MAX], text[TEXT_MAX];

	for (size_t i = 0; j->floor->sysctl.v && i < j->policy->sysctl.n; i++) {
		if (has_string(&j->floor->sysctl, j->policy->sysctl.v[i].name))
			continue;
		snprintf(pointer, sizeof(pointer), "/sysctl/%s", j->policy->sysctl.v[i].name);
		floor_below(j, key, pointer, "%.60s is given, and the floor allows %s", j->policy->sysctl.v[i].name, all_strings(&j->floor->sysctl, text));
	}
}

/* A group stands for its members: "limits" for "limits.memory". */
static void judge_without(const struct judging *j, const char *key)
{
	char group[TEXT_MAX], text[TEXT_MAX];

	for (size_t i = 0; i < j->without->n; i++) {
		const char *name = j->without->v[i];

		snprintf(group, sizeof(group), "%.*s", (int)strcspn(name, "."), name);
		if (!has_string(&j->floor->without, name) && !has_string(&j->floor->without, group))
			floor_below(j, key, "", "--without %.60s, and the floor allows %s", name, all_strings(&j->floor->without, text));
	}
}

/* The one thing that a policy adds rather than keeps. */
static void judge_exec(const struct judging *j, const char *key)
{
	if (j->policy->exec && !j->floor->exec)
		floor_below(j, key, "/exec", "exec is true, and the floor wants false");
}

static void judge_log(const struct judging *j, const char *key)
{
	const char *is = key_find("log.driver")->names[j->policy->log.driver];
	char text[TEXT_MAX];

	if (j->floor->log.driver.v && !has_string(&j->floor->log.driver, is))
		floor_below(j, key, "/log/driver", "log.driver is %s, and the floor allows %s", is, all_strings(&j->floor->log.driver, text));
}

static const struct special { const char *key; void (*judge)(const struct judging *, const char *key); } specials[] = {
	{ "without", judge_without }, { "rootfs", judge_rootfs }, { "env_pass", judge_env_pass }, { "user.uid.min", judge_uid },
	{ "user.uid.max", NULL }, { "user.gid.min", judge_gid }, { "user.gid.max", NULL }, { "capabilities", judge_capabilities },
	{ "seccomp.profile", judge_seccomp }, { "apparmor", judge_apparmor }, { "exec", judge_exec }, { "network.path", judge_netns },
	{ "network.listen", judge_listen }, { "network.connect", judge_connect }, { "mounts", judge_mounts },
	{ "devices", judge_devices }, { "sysctl", judge_sysctl }, { "log.driver", judge_log },
	{ "version", NULL }, { "description", NULL }, { "oci", NULL }, { "audit.journal", NULL }, { "audit.file", NULL },	/* no bounds */
};

bool floor_special(const char *key)
{
	for (size_t i = 0; i < COUNT(specials); i++)
		if (strcmp(specials[i].key, key) == 0)
			return true;
	return false;
}

void floor_judge_specials(const struct judging *j)
{
	for (size_t i = 0; i < COUNT(specials); i++)
		if (specials[i].judge)
			specials[i].judge(j, specials[i].key);
}
