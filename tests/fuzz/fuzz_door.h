/* fuzz_door.h - what must hold of a door's result, whatever came in. */
#pragma once

#include "../../src/base/cleanup.h"
#include "../../src/doors/door.h"
#include "../../src/policy/policy.h"
#include "fuzz.h"

/* Ends the door. The text it hands out is a policy; each note has words, and a place within the source or none. */
static inline void judge_door(struct door *d)
{
	_auto(arena_free) struct arena a = { 0 };
	_auto(free_mem) char *text = NULL;
	_auto(close_file) FILE *none = fopen("/dev/null", "w");
	struct policy_source src = { 0 };
	struct policy p;
	struct err e = { 0 };

	MUST(none);
	if (door_finish(d, &text, &src.len, &e) == 0) {
		src.text = text;
		MUST(arena_init(&a, POLICY_ARENA_SIZE) == 0);
		MUST(policy_parse(&src, &a, &p, &e) == 0);
		MUST(p.user.uid > 0 && p.user.gid > 0);
	} else {
		MUST(e.kind != ERR_NONE && *e.msg);
	}
	for (size_t i = 0; i < d->n_notes; i++)
		MUST(*d->notes[i].text && d->notes[i].at.line >= 0 && d->notes[i].at.column >= 0);
	door_print_notes(d, none);
	door_free(d);
}
