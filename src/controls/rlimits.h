/* rlimits.h - per-process limits of the kernel. */
#pragma once

#include "control.h"

/* The number of a resource by its name in any case ("nofile"), and the name as we print it; -1: there is none. */
int rlimit_resource(const char *name, const char **ret);

/* In the parent, before clone: makes room where the policy asks for more than we have, if we may. */
must_check int rlimits_raise(struct launch *, struct err *);

/* In the child: sets them all. */
must_check int rlimits_apply(struct launch *, struct err *);
