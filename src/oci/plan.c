/* plan.c - see plan.h. */
#include "plan.h"

#include "../controls/caps.h"

#include <errno.h>
#include <signal.h>

/* Of each part its place in config.json, for errors that name none of their own. */
static const struct filler {
	const char *step;
	int (*fill)(const struct oci_spec *, struct plan *, struct arena *, struct err *);
} fillers[] = {
	{ "namespaces", oci_plan_namespaces },
	{ "process", oci_plan_process },
	{ "mounts", oci_plan_mounts },
	{ "resources", oci_plan_resources },
	{ "devices", oci_plan_device_rules },
};

int oci_plan(const struct oci_spec *s, struct arena *a, const struct plan **ret, struct err *e)
{
	struct plan *plan = arena_alloc(a, sizeof(*plan));
	int r;

	if (!plan)
		return spec_no_memory(e);
	*plan = (struct plan){
		.name = s->wish->id, .rootfs = s->rootfs, .held = true, .stop_signal = SIGTERM, .stop_timeout = UINT32_MAX, .preserve_fds = s->wish->preserve_fds,
		/* Of casemate's own: no config.json asks for them. */
		.without = CONTROL_BIT(CONTROL_landlock) | CONTROL_BIT(CONTROL_securebits),
	};
	r = caps_read_last(&sys_kernel, &plan->last_cap);
	if (r < 0)
		return err_set(e, ERR_HOST, r, "mount /proc", "cannot read what the kernel's last capability is");
	for (size_t i = 0; i < COUNT(fillers); i++)
		if (fillers[i].fill(s, plan, a, e) < 0)
			return err_step(e, fillers[i].step);
	r = arena_seal(a);
	*ret = plan;
	return r < 0 ? err_set(e, ERR_HOST, r, NULL, "cannot seal the plan") : 0;
}
