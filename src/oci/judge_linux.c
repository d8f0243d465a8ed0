/* judge_linux.c - config.json against a bound: namespaces, the network, devices, sysctls. */
#include "judging.h"

#include "../policy/path.h"
#include "../policy/tree.h"

#include <string.h>

static json_t *linux_of(const struct judging *j)
{
	return member(j->config, "linux");
}

/* --- namespaces --- */

enum owner { OWNER_HOST, OWNER_OTHER, OWNER_ITSELF };

/* Whose namespace of this type the container gets; *entry and *index where it is listed. The last entry would count, if there
 * were two, so two are not understood. */
static enum owner owner_of(struct judging *j, const char *type, json_t **entry, size_t *index)
{
	json_t *v;
	size_t i, n = 0;

	*entry = NULL;
	*index = 0;
	json_array_foreach(member(linux_of(j), "namespaces"), i, v)
		if (strcmp(text_of(v, "type"), type) == 0) {
			*entry = v;
			*index = i;
			n++;
		}
	if (n > 1)
		refuse(j, "", place("/linux/namespaces/%zu", *index), NULL, "a second namespace of type %s", type);
	if (!*entry)
		return OWNER_HOST;
	if (!*text_of(*entry, "path"))
		return OWNER_ITSELF;
	return j->facts->host_namespace && !j->facts->host_namespace(type, text_of(*entry, "path")) ? OWNER_OTHER : OWNER_HOST;
}

static void add_namespace(struct judging *j, const char *type)
{
	append(j, array_at(j, object_at(j, j->config, "linux"), "namespaces"), json_pack("{s:s}", "type", type));
}

void judge_namespaces(struct judging *j)
{
	const struct namespaces_policy *ns = &j->bound->namespaces;
	const uint64_t without = j->bound->without;
	/* pid and mount: without a container's own there is none; mounts are shared with nobody. user: the engine's storage has to
	 * know the maps. */
	const struct { bool wanted; const char *type, *key, *option; enum control_id control; bool addable; enum owner least; } rows[] = {
		{ true, "pid", "", "no --pid=host", CONTROL_ns_pid, true, OWNER_OTHER },
		{ true, "mount", "", "no path", CONTROL_ns_mount, true, OWNER_ITSELF },
		{ ns->ipc, "ipc", "namespaces.ipc", "no --ipc=host", CONTROL_ns_ipc, true, OWNER_OTHER },
		{ ns->uts, "uts", "namespaces.uts", "no --uts=host", CONTROL_ns_uts, true, OWNER_OTHER },
		{ ns->cgroup, "cgroup", "namespaces.cgroup", "--cgroupns=private", CONTROL_ns_cgroup, true, OWNER_OTHER },
		{ ns->time, "time", "namespaces.time", "no engine has an option for it", CONTROL_ns_time, true, OWNER_OTHER },
		{ ns->user, "user", "namespaces.user", "--userns=auto, or a policy that says namespaces.user false", CONTROL_ns_user, false, OWNER_OTHER },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		json_t *entry;
		size_t index;
		enum owner owner = owner_of(j, rows[i].type, &entry, &index);
		const struct place at = entry ? place("/linux/namespaces/%zu", index) : place("/linux/namespaces");

		if (!rows[i].wanted || without & CONTROL_BIT(rows[i].control) || owner >= rows[i].least)
			continue;
		if (!rows[i].addable && !entry && j->facts->n_uid)	/* the engine is in a user namespace, and so is all it starts */
			continue;
		if (entry || !rows[i].addable)
			refuse(j, rows[i].key, at, rows[i].option, "the %s namespace is %s", rows[i].type, owner == OWNER_OTHER ? "another's" :
			       entry ? "the host's, or none" : "the host's");
		else if (below(j, rows[i].key, at, rows[i].option, "the %s namespace is the host's", rows[i].type))
			add_namespace(j, rows[i].type);
	}
}

/* The engine has connected the one it made: taking it away would leave that dangling, and is not asked for. */
void judge_network(struct judging *j)
{
	const struct oci_bound *b = j->bound;
	const char *path;
	json_t *entry;
	size_t index;
	enum owner owner = owner_of(j, "network", &entry, &index);
	const struct place at = entry ? place("/linux/namespaces/%zu", index) : place("/linux/namespaces");

	path = text_of(entry, "path");
	if (b->network == NETWORK_NONE && !entry) {
		if (below(j, "network.mode", at, "--network none", "the network is the host's"))
			add_namespace(j, "network");
	} else if (b->network == NETWORK_NONE && *path) {
		refuse(j, "network.mode", at, "--network none", "the network at %.80s is connected", path);
	} else if (b->network == NETWORK_PATH && owner == OWNER_HOST) {
		refuse(j, "network.mode", at, "no --network host", "the network is the host's%s", entry ? ", or none" : "");
	} else if (b->netns.v && *path) {
		for (size_t i = 0; i < b->netns.n; i++)
			if (!strstr(path, "/..") && path_below(path, b->netns.v[i]))
				return;
		refuse(j, "network.path", at, NULL, "%.80s is none of the networks that are allowed", path);
	}
}

/* Of casemate-hook the stage that holds a container to its ports, whichever runtime calls it. */
static bool has_port_hook(const struct judging *j)
{
	json_t *v;
	size_t i;

	json_array_foreach(member(member(j->config, "hooks"), "createRuntime"), i, v) {
		const char *name = strrchr(text_of(v, "path"), '/');

		if (name && strcmp(name, "/casemate-hook") == 0 && is_text(json_array_get(member(v, "args"), 1), "createRuntime"))
			return true;
	}
	return false;
}

/* A list of ports is a rule of the network's: whoever makes it says so. */
void judge_ports(struct judging *j)
{
	const struct oci_bound *b = j->bound;

	if ((b->listen || b->connect) && b->network != NETWORK_NONE && !j->facts->ports && !has_port_hook(j))
		refuse(j, b->connect ? "network.connect" : "network.listen", place("/hooks/createRuntime"),
		       "casemate-hook(8) does, as a createRuntime hook of podman", "nobody holds the container to its TCP ports");
}

/* --- devices --- */

struct node { bool block; int64_t major, minor; };	/* -1: any */

static bool read_node(const json_t *v, struct node *ret)
{
	const char *type = text_of(v, "type");

	*ret = (struct node){ .block = *type == 'b', .major = -1, .minor = -1 };
	integer_of(member(v, "major"), &ret->major);
	integer_of(member(v, "minor"), &ret->minor);
	return strcmp(type, "b") == 0 || strcmp(type, "c") == 0 || strcmp(type, "u") == 0;
}

static bool same_node(const struct node *a, const struct node *b)
{
	return a->block == b->block && a->major == b->major && a->minor == b->minor;
}

/* The minimal /dev, the terminal, and what the bound lists. `path` NULL: by number alone. */
static bool is_listed(const struct judging *j, const char *path, const struct node *n, const char *access)
{
	static const struct node terminal[] = { { false, 5, 1 }, { false, 5, 2 }, { false, 136, -1 } };

	for (size_t i = 0; i < tree_devices_len; i++)
		if (same_node(n, &(struct node){ false, tree_devices[i].major, tree_devices[i].minor }) && (!path || strcmp(path, tree_devices[i].path) == 0))
			return true;
	for (size_t i = 0; !path && i < COUNT(terminal); i++)
		if (same_node(n, &terminal[i]))
			return true;
	for (size_t i = 0; i < j->bound->n_devices; i++) {
		const struct device_policy *d = &j->bound->devices[i];
		unsigned major, minor;
		bool block;

		if (!j->facts->device || !j->facts->device(d->path, &block, &major, &minor) ||
		    !same_node(n, &(struct node){ block, major, minor }) || (path && strcmp(path, d->path) != 0))
			continue;
		if ((d->read || !strchr(access, 'r')) && (d->write || !strchr(access, 'w')))
			return true;
	}
	return false;
}

void judge_devices(struct judging *j)
{
	json_t *list = member(linux_of(j), "devices");

	for (size_t i = json_array_size(list); j->bound->devices_given && i-- > 0;) {
		json_t *v = json_array_get(list, i);
		const char *path = text_of(v, "path");
		struct node n;

		if (strcmp(text_of(v, "type"), "p") == 0)	/* a FIFO is no device */
			continue;
		if ((!read_node(v, &n) || !is_listed(j, path, &n, "")) &&
		    below(j, "devices", place("/linux/devices/%zu", i), "no --device", "%.80s is none of the devices that are allowed", path))
			json_array_remove(list, i);
	}
}

/* Without a node and without a right to open one, making it is harmless; both runtimes allow it to every container. But type "a" is
 * everything, whatever the access: to cgroup v1 and to runc (opencontainers/cgroups, devices_emulator.go). */
static bool only_makes(const json_t *rule)
{
	struct node n;

	return read_node(rule, &n) && strcmp(text_of(rule, "access"), "m") == 0;
}

static bool denies_all(const json_t *rule)
{
	const char *type = text_of(rule, "type"), *access = text_of(rule, "access");
	struct node n;

	(void)!read_node(rule, &n);
	return rule && !json_is_true(member(rule, "allow")) && (!*type || strcmp(type, "a") == 0) && n.major < 0 && n.minor < 0 &&
	       (!*access || (strchr(access, 'r') && strchr(access, 'w') && strchr(access, 'm')));
}

/* The last rule that speaks of a device counts, so everything must be denied before something is allowed. */
void judge_device_rules(struct judging *j)
{
	json_t *list = member(member(linux_of(j), "resources"), "devices");
	const struct place at = place("/linux/resources/devices");

	if (!j->bound->devices_given)
		return;
	for (size_t i = json_array_size(list); i-- > 0;) {
		json_t *v = json_array_get(list, i);
		const char *access = text_of(v, "access");
		struct node n;
		bool known = read_node(v, &n);

		if (!json_is_true(member(v, "allow")) || only_makes(v) || (known && is_listed(j, NULL, &n, *access ? access : "rwm")))
			continue;
		if (below(j, "devices", place("/linux/resources/devices/%zu", i), "no --device, no --privileged", "allows devices that are not listed"))
			json_array_remove(list, i);
	}
	if (!denies_all(json_array_get(list, 0)) && below(j, "devices", at, "{\"allow\": false, \"access\": \"rwm\"}", "does not begin by denying all")) {
		list = array_at(j, object_at(j, object_at(j, j->config, "linux"), "resources"), "devices");
		j->no_memory |= json_array_insert_new(list, 0, json_pack("{s:b, s:s}", "allow", 0, "access", "rwm")) < 0;
	}
}

/* --- sysctls --- */

static bool listed(const struct strings *list, const char *name)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->v[i], name) == 0)
			return true;
	return false;
}

/* sysctl(8) and the runtimes take both spellings. */
static bool may_set(const struct judging *j, const char *name)
{
	char dotted[256];

	if (snprintf(dotted, sizeof(dotted), "%s", name) >= (int)sizeof(dotted))
		return false;
	for (char *c = dotted; *c; c++)
		if (*c == '/')
			*c = '.';
	return listed(&j->bound->sysctl, dotted);
}

void judge_sysctl(struct judging *j)
{
	json_t *all = member(linux_of(j), "sysctl"), *v;
	const char *name;
	void *next;

	json_object_foreach_safe(all, next, name, v)
		if (j->bound->sysctl.v && !may_set(j, name) &&
		    below(j, "sysctl", place("/linux/sysctl/%.120s", name), "no --sysctl", "is none of those that are allowed"))
			json_object_del(all, name);
}
