/* rlimits.h - per-process limits of the kernel. */
#pragma once

#include "control.h"

/* In the child, while it may still lower and (as root outside a user namespace) raise them. */
must_check int rlimits_apply(struct launch *, struct err *);
