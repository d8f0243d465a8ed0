/* plan_devices.c - linux.devices: the nodes that a container has; linux.resources.devices: which it may open. */
#include "plan.h"

#include "../controls/devices.h"
#include "../policy/tree.h"

#include <string.h>

/* --- nodes --- */

size_t oci_count_nodes(const struct oci_spec *s)
{
	return tree_devices_len + json_array_size(spec_get(s, "/linux/devices"));
}

/* A /dev of somebody else's, with all that is in it: nothing is made there. */
static bool is_bound(const struct plan_mount *v, size_t n, const char *path)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].kind == PLAN_BIND && strcmp(v[i].target, path) == 0)
			return true;
	return false;
}

static int add_node(struct plan_mount *m, const char *path, struct plan_node node, const char *pointer, struct arena *a, struct err *e)
{
	struct plan_node *own = arena_alloc(a, sizeof(*own));

	if (!own)
		return spec_no_memory(e);
	*own = node;
	*m = (struct plan_mount){ .kind = PLAN_NODE, .target = path, .source = path, .node = own, .below = -1, .control = CONTROL_mounts,
				  .pointer = pointer };
	return 0;
}

static int read_node(const json_t *entry, struct plan_node *node, struct err *e)
{
	static const struct { char type; mode_t format; } formats[] = { { 'c', S_IFCHR }, { 'u', S_IFCHR }, { 'b', S_IFBLK }, { 'p', S_IFIFO } };
	const char *type = spec_text(entry, "type");
	int64_t major = -1, minor = -1, mode = 0666, uid = 0, gid = 0;
	size_t i = 0;

	while (type && i < COUNT(formats) && (type[0] != formats[i].type || type[1]))
		i++;
	if (!type || i == COUNT(formats))
		return err_set(e, ERR_POLICY, 0, "c, b, u or p", "'%.16s' is no type of a device", type ? type : "");
	/* 12 bits and 20: the kernel's dev_t */
	if (spec_number(entry, "major", 0, 4095, &major, e) < 0 || spec_number(entry, "minor", 0, 0xfffff, &minor, e) < 0 ||
	    spec_number(entry, "fileMode", 0, 0177777, &mode, e) < 0 || spec_number(entry, "uid", 0, UINT32_MAX - 1, &uid, e) < 0 ||
	    spec_number(entry, "gid", 0, UINT32_MAX - 1, &gid, e) < 0)
		return -1;
	if (formats[i].format == S_IFIFO)
		major = minor = 0;
	if (major < 0 || minor < 0)
		return err_set(e, ERR_POLICY, 0, NULL, "a device needs major and minor");
	*node = (struct plan_node){ formats[i].format | ((mode_t)mode & 07777), (unsigned)major, (unsigned)minor, (uid_t)uid, (gid_t)gid };
	return 0;
}

static bool is_listed(const json_t *devices, const char *path)
{
	const json_t *device;
	size_t i;

	json_array_foreach(devices, i, device) {
		const char *other = spec_text(device, "path");

		if (other && strcmp(other, path) == 0)
			return true;
	}
	return false;
}

static int plan_listed_node(const json_t *entry, size_t i, struct plan_mount *v, size_t *n, bool dev_is_bound, struct arena *a, struct err *e)
{
	const char *path = spec_text(entry, "path"), *pointer = arena_printf(a, "/linux/devices/%zu", i);
	struct plan_node node = { 0 };
	size_t len = path ? strlen(path) : 0;

	if (!pointer)
		return spec_no_memory(e);
	if (!path || *path != '/' || path[len - 1] == '/')
		return err_set(e, ERR_POLICY, 0, NULL, "a device needs its full path in the container");
	if (read_node(entry, &node, e) < 0)
		return -1;
	/* The container's ptmx is its own devpts's, whatever the host has: engines list all of the host's devices. */
	if (strcmp(path, "/dev/ptmx") == 0 || (dev_is_bound && strncmp(path, "/dev/", 5) == 0))
		return 0;
	return add_node(&v[(*n)++], path, node, pointer, a, e);
}

int oci_plan_nodes(const struct oci_spec *s, struct plan *plan, struct plan_mount *v, size_t *n, struct arena *a, struct err *e)
{
	const json_t *devices = spec_get(s, "/linux/devices");
	bool bound = is_bound(v, *n, "/dev");
	json_t *entry;
	size_t i;

	plan->dev_links = !bound;
	for (i = 0; i < tree_devices_len && !bound; i++) {
		const struct tree_device *d = &tree_devices[i];

		if (!is_listed(devices, d->path) &&
		    add_node(&v[(*n)++], d->path, (struct plan_node){ S_IFCHR | 0666, d->major, d->minor, 0, 0 }, NULL, a, e) < 0)
			return -1;
	}
	json_array_foreach(devices, i, entry)
		if (plan_listed_node(entry, i, v, n, bound, a, e) < 0)
			return err_at(e, "/linux/devices/%zu", i);
	return 0;
}

/* --- rules --- */

#define RWM (BPF_DEVCG_ACC_READ | BPF_DEVCG_ACC_WRITE | BPF_DEVCG_ACC_MKNOD)

static int read_access(const char *text, unsigned *ret, struct err *e)
{
	static const struct { char letter; unsigned access; } letters[] = {
		{ 'r', BPF_DEVCG_ACC_READ }, { 'w', BPF_DEVCG_ACC_WRITE }, { 'm', BPF_DEVCG_ACC_MKNOD },
	};

	*ret = 0;
	for (; text && *text; text++) {
		size_t i = 0;

		while (i < COUNT(letters) && letters[i].letter != *text)
			i++;
		if (i == COUNT(letters))
			return err_set(e, ERR_POLICY, 0, "r, w and m", "there is no access '%c' to a device", *text);
		*ret |= letters[i].access;
	}
	return 0;
}

static int read_rule(const json_t *entry, struct device_rule *rule, struct err *e)
{
	static const struct { const char *word; unsigned type; } types[] = {
		{ "", 0 }, { "a", 0 }, { "c", BPF_DEVCG_DEV_CHAR }, { "u", BPF_DEVCG_DEV_CHAR }, { "b", BPF_DEVCG_DEV_BLOCK },
	};
	const char *type = spec_text(entry, "type");
	int64_t major = -1, minor = -1;
	size_t i = 0;

	while (type && i < COUNT(types) && strcmp(types[i].word, type) != 0)
		i++;
	if (i == COUNT(types))
		return err_set(e, ERR_POLICY, 0, "a, c or b", "'%.16s' is no type of a device", type);
	if (!spec_member(entry, "allow"))
		return err_set(e, ERR_POLICY, 0, NULL, "a rule must say whether it allows");
	if (spec_number(entry, "major", -1, INT32_MAX, &major, e) < 0 || spec_number(entry, "minor", -1, INT32_MAX, &minor, e) < 0 ||
	    read_access(spec_text(entry, "access"), &rule->access, e) < 0)
		return -1;
	rule->allow = spec_true(entry, "allow");
	/* Nothing says what leaving it out means: as little as can be allowed, and as much as can be denied. */
	if (!rule->access && rule->allow)
		return err_set(e, ERR_POLICY, 0, "\"rwm\", or less", "a rule must say which access it allows");
	if (!rule->access)
		rule->access = RWM;
	rule->type = types[i].type;
	rule->major = (int)major;
	rule->minor = (int)minor;
	return 0;
}

/* Behind those of the configuration, as engines count on it: the default devices may be used, and a node be made of any
 * device, which opens none. */
static const struct device_rule defaults[] = {
	{ true, BPF_DEVCG_DEV_CHAR, -1, -1, BPF_DEVCG_ACC_MKNOD }, { true, BPF_DEVCG_DEV_BLOCK, -1, -1, BPF_DEVCG_ACC_MKNOD },
	{ true, BPF_DEVCG_DEV_CHAR, 5, 1, RWM },	/* console */
	{ true, BPF_DEVCG_DEV_CHAR, 5, 2, RWM },	/* ptmx */
	{ true, BPF_DEVCG_DEV_CHAR, 136, -1, RWM },	/* pts */
};

int oci_plan_device_rules(const struct oci_spec *s, struct plan *plan, struct arena *a, struct err *e)
{
	const json_t *rules = spec_get(s, "/linux/resources/devices");
	size_t n = json_array_size(rules), i;
	struct device_rule *v = arena_alloc(a, (n + COUNT(defaults) + tree_devices_len) * sizeof(*v));
	json_t *entry;

	if (!v)
		return spec_no_memory(e);
	/* Loading a program takes root of the host. Nobody else can make a node, either. */
	if (s->in_userns || s->wish->rootless) {
		plan->without |= CONTROL_BIT(CONTROL_devices);
		return 0;
	}
	if (n > DEVICE_RULES_MAX - COUNT(defaults) - tree_devices_len) {
		err_set(e, ERR_POLICY, 0, "join them by leaving out minor, or major", "more than %zu rules for devices",
			DEVICE_RULES_MAX - COUNT(defaults) - tree_devices_len);
		return err_at(e, "/linux/resources/devices");
	}
	json_array_foreach(rules, i, entry)
		if (read_rule(entry, &v[i], e) < 0)
			return err_at(e, "/linux/resources/devices/%zu", i);
	plan->n_device_rules = n;
	for (i = 0; i < COUNT(defaults); i++)
		v[plan->n_device_rules++] = defaults[i];
	for (i = 0; i < tree_devices_len; i++)
		v[plan->n_device_rules++] = (struct device_rule){ true, BPF_DEVCG_DEV_CHAR, (int)tree_devices[i].major,
								 (int)tree_devices[i].minor, RWM };
	plan->device_rules = v;
	plan->cgroup.wanted |= n && !devices_all_allowed(v, plan->n_device_rules);
	return 0;
}
