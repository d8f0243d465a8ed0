/* plan_mounts.c - root, mounts, masked and read-only paths: the container's tree. */
#include "plan.h"

#include <linux/mount.h>
#include <string.h>

static const struct { const char *word; uint64_t attr; } words[] = {
	{ "ro", MOUNT_ATTR_RDONLY }, { "nosuid", MOUNT_ATTR_NOSUID }, { "nodev", MOUNT_ATTR_NODEV }, { "noexec", MOUNT_ATTR_NOEXEC },
};
static const struct { const char *type; enum mount_kind kind; } kinds[] = {
	{ "proc", PLAN_PROC }, { "sysfs", PLAN_SYSFS }, { "devpts", PLAN_DEVPTS }, { "mqueue", PLAN_MQUEUE }, { "tmpfs", PLAN_TMPFS },
	{ "bind", PLAN_BIND },
};

static int holder(const struct plan_mount *v, size_t n, const char *target)
{
	for (size_t i = n; i-- > 0;) {
		size_t len = strlen(v[i].target);

		if (strncmp(target, v[i].target, len) == 0 && target[len] == '/')
			return (int)i;
	}
	return -1;
}

static int plan_one(const json_t *entry, struct plan_mount *v, size_t n, struct err *e)
{
	const char *type = spec_text(entry, "type"), *target = spec_text(entry, "destination");
	struct plan_mount m = { .target = target, .source = spec_text(entry, "source"), .mode = 0755, .size = 64 << 20, .recursive = true,
				.control = CONTROL_mounts, .below = target ? holder(v, n, target) : -1, .entry = n + 1 };
	const json_t *option;
	size_t i, k;

	for (k = 0; k < COUNT(kinds) && (!type || strcmp(kinds[k].type, type) != 0); k++)
		;
	if (!target || k == COUNT(kinds))
		return err_set(e, ERR_POLICY, 0, NULL, "no mount of type '%s' yet", type ? type : "");
	m.kind = kinds[k].kind;
	if (m.kind == PLAN_PROC)
		m.mode = 0;
	json_array_foreach(spec_member(entry, "options"), i, option)
		for (k = 0; k < COUNT(words); k++)
			if (strcmp(json_string_value(option), words[k].word) == 0)
				m.attrs |= words[k].attr;
	v[n] = m;
	return 0;
}

int oci_plan_mounts(const struct oci_spec *s, struct plan *plan, struct arena *a, struct err *e)
{
	const json_t *mounts = spec_get(s, "/mounts"), *entry;
	struct plan_mount *v = arena_alloc(a, (json_array_size(mounts) + 1) * sizeof(*v));
	size_t i;

	if (!v)
		return spec_no_memory(e);
	json_array_foreach(mounts, i, entry)
		if (plan_one(entry, v, i, e) < 0)
			return err_at(e, "/mounts/%zu", i);
	plan->mounts = v;
	plan->n_mounts = json_array_size(mounts);
	plan->without |= (spec_true(spec_get(s, "/root"), "readonly") ? 0 : CONTROL_BIT(CONTROL_rootfs)) | CONTROL_BIT(CONTROL_masks);
	return 0;
}
