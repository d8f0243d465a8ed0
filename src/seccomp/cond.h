/* cond.h - what one condition on one argument is true for, and how two of them go together. */
#pragma once

#include "profile.h"
#include <stddef.h>

struct cond_interval { uint64_t low, high; };

bool cond_holds(const struct filter_cond *, uint64_t value);

/* The values as up to two intervals, in order; 0 for a mask, which is none, and for what no value satisfies. */
size_t cond_intervals(const struct filter_cond *, struct cond_interval v[2]);

/* Whether no value can satisfy both. May say no when it cannot tell. */
bool cond_disjoint(const struct filter_cond *, const struct filter_cond *);

/* Whether each value that satisfies `a` satisfies `b`. May say no when it cannot tell. */
bool cond_within(const struct filter_cond *a, const struct filter_cond *b);

/* Both, or most of both, as one condition. false: no value satisfies both, or the two together are no single condition, which is
 * all that a rule has for an argument. */
bool cond_meet(const struct filter_cond *, const struct filter_cond *, struct filter_cond *ret);
