/* meet.h - two profiles held against each other: whether one lets through no more than the other, and what both let through.
 *
 * What is compared are calls and arguments that are let through. Where the answer cannot be had by comparing rule with rule,
 * it is "more", and what cannot be said in a rule is not let through: wrong to the safe side, either way. */
#pragma once

#include "compile.h"

/* A profile, and for whom. `wish->deny` speaks of its default action as it does when the profile is compiled. */
struct filter_side { const struct filter_profile *profile; const struct filter_wish *wish; };

/* What a call gets that no rule speaks of. */
uint32_t filter_otherwise(const struct filter_side *);

/* How hard a refusal is: the larger, the harder; 0 is none. */
unsigned filter_hardness(uint32_t action);

/* Whether all that `a` lets through `b` lets through too. 1, 0, or -1 and *e when the rules of one are contradictory; *nr is the
 * first call that is too much. */
must_check int filter_within(const struct filter_side *a, const struct filter_side *b, unsigned *nr, struct err *e);

/* What both let through. Refusals with an answer of their own (ENOSYS for clone3) are kept, those of `a` first. */
must_check int filter_meet(const struct filter_side *a, const struct filter_side *b, struct arena *, struct filter_profile *ret,
			   struct err *);
