/* floor_judging.h - what the two halves of a floor's judgement share: floor.c and floor_special.c. */
#pragma once
#include "floor.h"

enum { TEXT_MAX = 160 };

struct judging {
	const struct floor *floor;
	const struct policy *policy;
	const struct strings *without;
	const struct findings *findings;
};

/* The policy is below the floor's `key`. */
void floor_below(const struct judging *, const char *key, const char *pointer, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* One more word of a list, for people; one that is too long ends in dots. */
void floor_add_word(char text[TEXT_MAX], const char *word);

/* The keys that mean more than a bound on the policy's key of that name. */
void floor_judge_specials(const struct judging *);
