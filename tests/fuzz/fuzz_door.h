/* fuzz_door.h - what must hold of a door's result, whatever came in. */
#pragma once

#include "../../src/base/cleanup.h"
#include "../../src/doors/door.h"
#include "../../src/policy/policy.h"
#include "../../src/policy/secret.h"
#include "fuzz.h"

#include <string.h>

/* Each has words, shows no secret, and a place within the source or none; none drives a terminal. */
static inline void judge_notes(const struct door *d)
{
	_auto(free_mem) char *text = NULL;
	size_t size, refused = 0;
	FILE *out = open_memstream(&text, &size);

	for (size_t i = 0; i < d->n_notes; i++) {
		const struct note *n = &d->notes[i];

		MUST(n->kind < NOTE_KINDS && *n->text && n->at.line >= 0 && n->at.column >= 0);
		MUST(*n->pointer == '\0' || *n->pointer == '/');
		MUST(!secret_value(n->text) && !secret_value(n->at.text));
		refused += n->kind == NOTE_REFUSED;
	}
	MUST(refused == d->refused && out);
	door_print_notes(d, NOTE_TIGHTENED, out);
	fclose(out);
	MUST(size == strlen(text) && !strpbrk(text, "\x1b\r\x7f"));
}

/* Ends the door. The text it hands out is a policy; where there is none, something was refused. */
static inline void judge_door(struct door *d)
{
	_auto(arena_free) struct arena a = { 0 };
	_auto(free_mem) char *text = NULL;
	struct policy_source src = { 0 };
	struct policy p;
	struct err e = { 0 };

	if (door_finish(d, &text, &src.len, &e) == 0) {
		src.text = text;
		MUST(strlen(text) == src.len && arena_init(&a, POLICY_ARENA_SIZE) == 0);
		MUST(policy_parse(&src, &a, &p, &e) == 0);
		MUST(p.user.uid > 0 && p.user.gid > 0);
	} else {
		MUST(!text && e.kind != ERR_NONE && *e.msg && d->refused);
	}
	judge_notes(d);
	door_free(d);
}
