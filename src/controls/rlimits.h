/* rlimits.h - per-process limits of the kernel. */
#pragma once

#include "control.h"

/* In the parent, before clone: makes room where the policy asks for more than we have, if we may. */
must_check int rlimits_raise(struct launch *, struct err *);

/* In the child: sets them all. */
must_check int rlimits_apply(struct launch *, struct err *);
