/* plan.h - config.json to plan, without the policy language between: a policy cannot say uid 0 or any mount, and
 * where the launcher's default and the specification differ, here the specification rules.
 *
 * One filler for each part; each knows the members of struct plan that are its own. What a container does not ask for
 * is waived (`without`), so that the rows of the one child order that would do it are skipped. */
#pragma once

#include "../controls/control.h"
#include "spec.h"

must_check int oci_plan_namespaces(const struct oci_spec *, struct plan *, struct arena *, struct err *);
must_check int oci_plan_mounts(const struct oci_spec *, struct plan *, struct arena *, struct err *);
/* Of oci_plan_mounts(): the nodes of default devices and linux.devices, behind the mounts; at most so many. */
size_t oci_count_nodes(const struct oci_spec *);
must_check int oci_plan_nodes(const struct oci_spec *, struct plan *, struct plan_mount *, size_t *n, struct arena *, struct err *);
must_check int oci_plan_process(const struct oci_spec *, struct plan *, struct arena *, struct err *);
must_check int oci_plan_sched(const struct oci_spec *, struct plan *, struct arena *, struct err *);	/* of process */
must_check int oci_plan_confine(const struct oci_spec *, struct plan *, struct arena *, struct err *);	/* of process, and linux.seccomp */
must_check int oci_plan_device_rules(const struct oci_spec *, struct plan *, struct arena *, struct err *);
must_check int oci_plan_cgroup(const struct oci_spec *, struct plan *, struct arena *, struct err *);	/* of resources */
must_check int oci_plan_hooks(const struct oci_spec *, struct plan *, struct arena *, struct err *);
must_check int oci_plan_resources(const struct oci_spec *, struct plan *, struct arena *, struct err *);

/* Holds it against the host's floor, if there is one, which may refuse it or change it. */
must_check int oci_bind(struct oci_spec *, struct oci_wish *, struct arena *, struct err *);
/* An error behind the plan has a place in a policy: in config.json it is another. */
void oci_place(struct err *);
/* Makes the plan in the arena and seals both. It refers to strings of the spec, which must live as long. */
must_check int oci_plan(const struct oci_spec *, struct arena *, const struct plan **ret, struct err *);
