/* arena.h - memory that is filled once, sealed, and given back in one piece.
 *
 * The policy and the plan live here: nothing in them is freed singly, and
 * after arena_seal() the kernel itself (PROT_READ) keeps everybody from changing them. */
#pragma once

#include "err.h"
#include <stddef.h>

struct arena {
	char *base;
	size_t used, size;
};

/* Reserves `size` bytes of address space; only touched pages cost memory. 0 or -errno. */
must_check int arena_init(struct arena *a, size_t size);

/* Zeroed memory aligned for any type, or NULL when the arena is full. */
void *arena_alloc(struct arena *a, size_t size) __attribute__((malloc, alloc_size(2)));
char *arena_strndup(struct arena *a, const char *s, size_t len);
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Makes what it holds so far read-only; what comes later lies behind that. 0 or -errno. */
must_check int arena_seal(struct arena *a);
void arena_free(struct arena *a);
