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
	plan->listener = spec_text(seccomp, "listenerPath");
	plan->listener_metadata = spec_text(seccomp, "listenerMetadata");
	if (made.notifies && !plan->listener) {
		err_set(e, ERR_POLICY, 0, "linux.seccomp.listenerPath names an agent's socket", "SCMP_ACT_NOTIFY, and nobody to be notified");
		return locate(e);
	}
	if (!made.notifies && plan->listener_metadata && !plan->listener) {
		err_set(e, ERR_POLICY, 0, NULL, "listenerMetadata without listenerPath");
		return locate(e);
	}
	if (!made.notifies)	/* the specification: sent only where SCMP_ACT_NOTIFY is used */
		plan->listener = NULL;
	return 0;
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
