/* seccomp.h - which system calls there are: a filter for the workload, and one each for PID 1 and the supervisor. */
#pragma once

#include "../seccomp/profile.h"
#include "control.h"

#include <jansson.h>

/* Child: the last row. Nothing of ours runs after it but execve. */
must_check int seccomp_apply(struct launch *, struct err *);
/* PID 1, before it starts to wait. */
must_check int seccomp_init_apply(struct launch *, struct err *);
/* The supervisor, once the workload runs. */
must_check int seccomp_checker_apply(const struct launch *, struct err *);
must_check int seccomp_supervisor_apply(const struct launch *, struct err *);
/* The filter of this policy and the running kernel, as OCI runtimes read it; a new reference, or NULL and *e. */
json_t *seccomp_json(const struct policy *, struct err *);
/* The profile that the policy names or holds, read; errors say where it is. */
must_check int seccomp_profile(const struct policy *, struct arena *, struct filter_profile *ret, struct err *);
/* KERNEL() that runs. */
uint16_t seccomp_kernel(void);
