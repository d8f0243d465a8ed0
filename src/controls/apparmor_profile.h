/* apparmor_profile.h - an AppArmor profile made for one policy. */
#pragma once

#include "../policy/policy.h"

/* Prints it. `name` must be fit for a profile: letters, digits and "_.-". */
void apparmor_profile(const struct policy *, const char *name, FILE *out);
/* The rules that every profile of ours has, the shipped one included. */
extern const char apparmor_common_rules[];
