/* landlock.h - a second opinion on every path, port and signal, kept by the kernel.
 *
 * The parent builds the ruleset from the descriptors it already holds; the child adds the one tree
 * that only it could make, and enters. Whoever forks after landlock_apply() shares the domain: PID 1 and the workload must
 * come out of the same call, since signals to a process outside the domain are denied (ABI 6). */
#pragma once

#include "control.h"

/* Parent: after every tree and target is open, before clone. Fills l->ruleset and l->landlock_abi. */
must_check int landlock_open(struct launch *, struct err *);
/* Child: after no_new_privs, after the last mount. */
must_check int landlock_apply(struct launch *, struct err *);
/* Child: an access that only Landlock denies, tried. */
must_check int landlock_verify_inside(struct launch *, struct err *);
