/* check.h - what no single control can see: that a policy as a whole weakens or contradicts itself. */
#pragma once

#include "rule.h"

/* Reports through `findings`: SEV_ERROR refuses a launch, SEV_WARNING is a weakening that was
 * asked for by name and goes into the record. `host` may be NULL. */
void check_policy(const struct policy *, const struct host *, const struct findings *);
