/* check.h - what no single control can see: that a policy as a whole weakens or contradicts itself. */
#pragma once

#include "../policy/policy.h"

/* Reports through `findings`: SEV_ERROR refuses a launch, SEV_WARNING is a weakening that was
 * asked for by name and goes into the record. Each message begins with the rule's id and ": ". */
void check_policy(const struct policy *, const struct findings *);
