/* plan_resources.c - linux.resources and linux.cgroupsPath: what the container's cgroup limits. */
#include "plan.h"

int oci_plan_resources(const struct oci_spec *s, struct plan *plan, struct arena *a, struct err *e)
{
	(void)s;
	(void)a;
	(void)e;
	plan->without |= CONTROL_BIT(CONTROL_memory) | CONTROL_BIT(CONTROL_cpus) |
			 CONTROL_BIT(CONTROL_pids) | CONTROL_BIT(CONTROL_cpuset) | CONTROL_BIT(CONTROL_io);
	return 0;
}
