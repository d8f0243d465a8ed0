/* apparmor.h - the workload runs under an AppArmor profile, in enforce mode, from its first instruction. */
#pragma once

#include "control.h"

/* Parent: the profile is loaded, as far as can be seen without changing anything. */
must_check int apparmor_check_host(struct launch *, struct err *);
/* Child, before no_new_privs and before Landlock: the profile takes effect at the next execve. */
must_check int apparmor_apply(struct launch *, struct err *);
/* PID 1, which never executes anything: at once. */
must_check int apparmor_init_apply(struct launch *, struct err *);

/* Of a confined launcher: a denial that has no hint yet gets one. Changes nothing else. */
void apparmor_blame(const struct sys *, struct err *);

extern const uint64_t apparmor_default_caps;	/* all that the shipped profile lets a policy hand out */
