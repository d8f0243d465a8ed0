/* plan_namespaces.c - linux.namespaces, id maps, host name, sysctls, time offsets. */
#include "plan.h"

#include <sched.h>
#include <string.h>

static const struct { const char *type; uint64_t flag; } types[] = {
	{ "pid", CLONE_NEWPID }, { "network", CLONE_NEWNET }, { "ipc", CLONE_NEWIPC }, { "uts", CLONE_NEWUTS },
	{ "mount", CLONE_NEWNS }, { "user", CLONE_NEWUSER }, { "cgroup", CLONE_NEWCGROUP }, { "time", CLONE_NEWTIME },
};

static int plan_one(const json_t *entry, struct plan *plan, struct err *e)
{
	const char *type = spec_text(entry, "type");
	size_t k;

	for (k = 0; k < COUNT(types) && (!type || strcmp(types[k].type, type) != 0); k++)
		;
	if (k == COUNT(types))
		return err_set(e, ERR_POLICY, 0, "pid, network, ipc, uts, mount, user, cgroup or time", "there is no namespace '%.32s'", type ? type : "");
	if (spec_text(entry, "path"))
		return err_set(e, ERR_POLICY, 0, NULL, "joining a namespace is not there yet");
	if (plan->clone_flags & types[k].flag)
		return err_set(e, ERR_POLICY, 0, "once is enough", "the %s namespace is asked for twice", type);
	plan->clone_flags |= types[k].flag;
	return 0;
}

int oci_plan_namespaces(const struct oci_spec *s, struct plan *plan, struct arena *a, struct err *e)
{
	const json_t *namespaces = spec_get(s, "/linux/namespaces"), *entry;
	size_t i;

	(void)a;
	json_array_foreach(namespaces, i, entry)
		if (plan_one(entry, plan, e) < 0)
			return err_at(e, "/linux/namespaces/%zu", i);
	plan->network = plan->clone_flags & CLONE_NEWNET ? NETWORK_NONE : NETWORK_HOST;
	plan->hostname = spec_text(s->root, "hostname");
	return 0;
}
