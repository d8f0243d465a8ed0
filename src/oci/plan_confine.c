/* plan_confine.c - no_new_privs, labels and system calls of a config.json. */
#include "plan.h"

#include "../seccomp/oci.h"

#include <errno.h>
#include <string.h>
#include <sys/un.h>

/* Errors of a filter name the place below linux.seccomp. */
static int locate(struct err *e)
{
	char below[sizeof(e->path)];

	snprintf(below, sizeof(below), "%s", e->path);
	e->path[0] = '\0';
	return err_at(e, "/linux/seccomp%s", below);
}

/* Without anybody to hold the listener these calls would fail with ENOSYS, which no agent said. */
static int plan_listener(const struct oci_spec *s, const json_t *seccomp, bool notifies, struct plan *plan, struct err *e)
{
	const char *path = spec_text(seccomp, "listenerPath");

	if (!path && spec_text(seccomp, "listenerMetadata")) {
		err_set(e, ERR_POLICY, 0, "set listenerPath, or leave it out", "it is for an agent that is not named");
		return err_at(e, "/linux/seccomp/listenerMetadata");
	}
	if (!notifies)		/* a listenerPath without SCMP_ACT_NOTIFY means nothing: config-linux.md */
		return 0;
	if (!path) {
		err_set(e, ERR_POLICY, 0, "set listenerPath, or leave SCMP_ACT_NOTIFY out", "SCMP_ACT_NOTIFY needs an agent, and none is named");
		return err_at(e, "/linux/seccomp");
	}
	if (*path != '/' || strlen(path) >= sizeof(((struct sockaddr_un *)NULL)->sun_path))
		err_set(e, ERR_POLICY, 0, NULL, "the agent's socket is an absolute path of less than %zu bytes", sizeof(((struct sockaddr_un *)NULL)->sun_path));
	else if (s->wish->rootless)	/* the process cannot be traced by its like: it is not dumpable */
		err_set(e, ERR_HOST, EPERM, "leave SCMP_ACT_NOTIFY out, or run it as root", "an ordinary user cannot pass the seccomp listener on");
	plan->listener = path;
	return e->kind == ERR_NONE ? 0 : err_at(e, "/linux/seccomp/listenerPath");
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
	return plan_listener(s, seccomp, made.notifies, plan, e);
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
