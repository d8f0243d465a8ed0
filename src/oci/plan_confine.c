/* plan_confine.c - no_new_privs, labels and system calls of a config.json. */
#include "plan.h"

#include "../seccomp/oci.h"

#include <string.h>

/* Errors of a filter name the place below linux.seccomp. */
static int locate(struct err *e)
{
	char below[sizeof(e->path)];

	snprintf(below, sizeof(below), "%s", e->path);
	e->path[0] = '\0';
	return err_at(e, "/linux/seccomp%s", below);
}

static int plan_seccomp(const struct oci_spec *s, struct plan *plan, struct arena *a, struct err *e)
{
	json_t *seccomp = spec_get(s, "/linux/seccomp");
	struct filter_oci made;

	if (!seccomp) {
		plan->without |= CONTROL_BIT(CONTROL_seccomp);
		return 0;
	}
	if (filter_oci(seccomp, a, &made, e) < 0)
		return locate(e);
	plan->filter = made.filter;
	plan->filter_flags = made.flags;
	if (!made.notifies)	/* a listenerPath without SCMP_ACT_NOTIFY means nothing: config-linux.md */
		return 0;
	/* Without anybody to hold the listener these calls would fail with ENOSYS, which no agent said. */
	err_set(e, ERR_HOST, 0, "leave SCMP_ACT_NOTIFY out", "this runtime passes no notifications to an agent");
	return locate(e);
}

int oci_plan_confine(const struct oci_spec *s, struct plan *plan, struct arena *a, struct err *e)
{
	const json_t *process = spec_get(s, "/process");
	const char *profile = spec_text(process, "apparmorProfile"), *label = spec_text(process, "selinuxLabel");

	plan->apparmor = profile && *profile ? profile : NULL;
	plan->apparmor_as_loaded = true;	/* complain mode is the config's to ask for */
	plan->selinux = label && *label ? label : NULL;
	if (!plan->apparmor)
		plan->without |= CONTROL_BIT(CONTROL_apparmor);
	if (!spec_true(process, "noNewPrivileges"))
		plan->without |= CONTROL_BIT(CONTROL_no_new_privs);
	return plan_seccomp(s, plan, a, e);
}
