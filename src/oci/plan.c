/* plan.c - see plan.h. */
#include "plan.h"

#include "../controls/caps.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

/* Of each part its place in config.json, for errors that name none of their own. */
static const struct filler {
	const char *step;
	bool makes;		/* what is there already when a process joins it */
	int (*fill)(const struct oci_spec *, struct plan *, struct arena *, struct err *);
} fillers[] = {
	{ "namespaces", true, oci_plan_namespaces },
	{ "process", false, oci_plan_process },
	{ "mounts", true, oci_plan_mounts },
	{ "resources", true, oci_plan_resources },
	{ "devices", true, oci_plan_device_rules },
	{ "hooks", true, oci_plan_hooks },
};

/* Of the namespaces it is verified that they are the container's, and with that the mounts are right as well. */
static void plan_to_join(const struct oci_spec *s, struct plan *plan)
{
	const json_t *entry;
	size_t i;

	json_array_foreach(spec_get(s, "/linux/namespaces"), i, entry)
		plan->own_userns |= spec_text(entry, "type") && strcmp(spec_text(entry, "type"), "user") == 0;
	plan->network = NETWORK_HOST;
	plan->outlives = s->wish->detached;
	plan->cgroup = (struct cgroup_plan){ .wanted = true, .path = s->wish->cgroup, .frozen = s->wish->ignore_paused };
	plan->stop_signal = 0;
	plan->without |= CONTROL_BIT(CONTROL_rootfs) | CONTROL_BIT(CONTROL_mounts) | CONTROL_BIT(CONTROL_masks) |
			 CONTROL_BIT(CONTROL_devices) | (control_bits("limits") & ~CONTROL_BIT(CONTROL_rlimits));
}

int oci_plan(const struct oci_spec *s, struct arena *a, const struct plan **ret, struct err *e)
{
	struct plan *plan = arena_alloc(a, sizeof(*plan));
	int r;

	if (!plan)
		return spec_no_memory(e);
	*plan = (struct plan){
		.name = s->wish->id, .floor = s->floor, .rootfs = s->rootfs, .held = !s->wish->exec, .joins = s->wish->exec, .stop_signal = SIGTERM, .stop_timeout = UINT32_MAX, .owns_stdio = true,
		.preserve_fds = s->wish->listen_fds + s->wish->preserve_fds,
		/* Of casemate's own: no config.json asks for them. */
		.without = CONTROL_BIT(CONTROL_landlock) | CONTROL_BIT(CONTROL_securebits),
	};
	memcpy(plan->floor_sha256, s->floor_sha256, sizeof(plan->floor_sha256));
	if (s->wish->exec)
		plan_to_join(s, plan);
	r = caps_read_last(&sys_kernel, &plan->last_cap);
	if (r < 0)
		return err_set(e, ERR_HOST, r, "mount /proc", "cannot read what the kernel's last capability is");
	for (size_t i = 0; i < COUNT(fillers); i++)
		if (!(fillers[i].makes && s->wish->exec) && fillers[i].fill(s, plan, a, e) < 0)
			return err_step(e, fillers[i].step);
	r = arena_seal(a);
	*ret = plan;
	return r < 0 ? err_set(e, ERR_HOST, r, NULL, "cannot seal the plan") : 0;
}

void oci_place(struct err *e)
{
	static const struct { const char *policy, *config; } rows[] = {
		{ "/args", "/process/args" }, { "/cwd", "/process/cwd" }, { "/user/groups", "/process/user/additionalGids" },
		{ "/user", "/process/user" }, { "/capabilities", "/process/capabilities" }, { "/apparmor", "/process/apparmorProfile" },
		{ "/sysctl", "/linux/sysctl" }, { "/rootfs", "/root/path" }, { "/limits", "/linux/resources" },
	};
	char rest[sizeof(e->path)];

	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t n = strlen(rows[i].policy);

		if (strncmp(e->path, rows[i].policy, n) != 0 || (e->path[n] && e->path[n] != '/'))
			continue;
		snprintf(rest, sizeof(rest), "%s", e->path + n);
		snprintf(e->path, sizeof(e->path), "%s%.60s", rows[i].config, rest);
		return;
	}
}
