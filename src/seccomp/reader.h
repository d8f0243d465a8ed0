/* reader.h - walking a JSON document with one's place in it at hand.
 *
 * Strict where the engines are not: every key of an object must be known, and have the type that its
 * row says; what is known and not to be had is refused with the reason. */
#pragma once

#include "../base/err.h"
#include <jansson.h>
#include <stdbool.h>

struct reader {
	struct err *e;
	char at[sizeof(((struct err *)0)->path)];	/* JSON pointer to what is being read */
};

/* Steps down in the JSON pointer; back() with the return value steps up again. On failure nobody steps
 * up: the pointer stays at the culprit. */
size_t down(struct reader *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void back(struct reader *, size_t mark);

/* The error of the place we are at. Returns -1. */
int fail(struct reader *, const char *hint, const char *fmt, ...) __attribute__((format(printf, 3, 4), cold));

enum { REQUIRED = 1, NULL_OK = 2 };	/* docker writes an empty Go slice as null */

struct member {
	const char *name;
	json_type type;
	unsigned flags;
	const char *refused;	/* known, and why it is not to be had */
};

/* Sorts an object's values into v[], in the order of m[]; NULL where there is none. */
must_check int members(struct reader *, json_t *obj, const struct member *m, size_t n, json_t **v);
must_check int want_string(struct reader *, json_t *, const char **ret);

static inline void json_free(json_t **j)
{
	json_decref(*j);
}
