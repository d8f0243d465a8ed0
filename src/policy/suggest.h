/* suggest.h - "did you mean ...?" */
#pragma once

#include <stddef.h>

enum { GUESS_MAX = 64 };

/* Offer every candidate, then read `best`: "" when none is near enough to be meant. */
struct guess {
	const char *word;
	size_t distance;	/* of `best`; set by guess_start() to the first that is too far */
	char best[GUESS_MAX];
};
void guess_start(struct guess *, const char *word);
void guess_offer(struct guess *, const char *candidate, size_t len);

/* What another tool's word is called here: a key's full name, or a sentence that says why
 * there is no such key (it holds a blank). NULL: nobody's word. Case and "-_." do not matter. */
const char *foreign_word(const char *word);
