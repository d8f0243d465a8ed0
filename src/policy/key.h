/* key.h - one row per policy key.
 *
 * The row is the only place where a key's name, type, range, default and
 * documentation are written down; the parser, `schema`, `explain`, the man
 * page and the fuzz dictionary are all loops over these rows. keys.c holds
 * them in the order in which the man page reads. */
#pragma once

#include "syntax.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum key_type {
	KEY_BOOL,	/* bool */
	KEY_UINT,	/* uint64_t, min..max; JSON integer */
	KEY_INT,	/* int64_t, min..max read as int64_t */
	KEY_SIZE,	/* uint64_t bytes, min..max; integer or "512M" (K M G T, powers of 1024) */
	KEY_TIME,	/* uint64_t ms, min..max; "10s" "500ms" "2m" */
	KEY_CPUS,	/* uint64_t millionths, min..max; number */
	KEY_RLIMIT,	/* uint64_t, ..max; integer, size or "unlimited" (UINT64_MAX) */
	KEY_MODE,	/* uint64_t, ..max; octal string "1777" */
	KEY_CHOICE,	/* uint64_t: index into names */
	KEY_SIGNAL,	/* uint64_t: "SIGTERM" or "TERM" */
	KEY_STRING,	/* const char *; syntax */
	KEY_STRINGS,	/* struct strings; syntax of each */
	KEY_NUMBERS,	/* struct numbers, each min..max */
	KEY_PAIRS,	/* struct pairs; object of strings; syntax of the names, value_syntax */
	KEY_CAPS,	/* uint64_t mask; array of names, CAP_ optional, UPPER or lower case */
	KEY_PROFILE,	/* string (syntax), or object kept as compact JSON at `extra` */
	KEY_OBJECTS,	/* pointer, and count at `extra`; array of objects described by item rows */
	KEY_TYPES
};

struct key {
	const char *name;	/* "limits.memory"; inside an item: "source" */
	enum key_type type;
	size_t offset;		/* into struct policy, or into the item */
	/* JSON text of the default; NULL: required; "null": none, and that it is missing means something */
	const char *def;
	const char *doc;	/* one sentence, ends in a full stop; also the hint when the value is wrong */
	const char *protects;	/* what it protects against, a phrase; NULL where nothing */
	uint64_t min, max;	/* STRINGS: max is that of the count, where lower than LIST_MAX */
	const char *const *names;	/* KEY_CHOICE: ends with NULL */
	const struct syntax *syntax, *value_syntax;
	size_t extra;		/* OBJECTS: offset of the count; NUMBERS, CAPS: of the "given" flag, or 0; PROFILE: of the inline text */
	const struct key *item;	/* KEY_OBJECTS */
	size_t n_item, item_size;
	const char *when, *is;	/* the key exists only when the KEY_CHOICE `when` beside it is `is` */
	bool unless;		/* ... is not `is`, which is its default */
	bool unique;		/* no two members of the list alike; in an item: no two items alike here */
	bool shorthand;		/* "section": value means "section": { "this key": value } */
};

enum { KEYS_MAX = 160 };
extern const struct key policy_keys[];
extern const size_t policy_keys_len;	/* at most KEYS_MAX */

/* Rows that make a whole document: policies are one language, floors another. */
struct language {
	const struct key *rows;
	size_t n;
	const char *what, *page;	/* "policy", "casemate-policy(5)": for messages */
};
extern const struct language language_policy, language_floor;

/* The last part of a row's name: "memory". */
const char *key_leaf(const struct key *);

/* A number of this row, as a policy would write it. */
enum { UNIT_TEXT_MAX = 24 };
void key_print(const struct key *, uint64_t, char buf[UNIT_TEXT_MAX]);

/* What a value of this row must be, "an integer from 1 to 65535": for messages and the man page. */
void key_want(const struct key *, char *buf, size_t size);
