/* key.h - one row per policy key.
 *
 * The row is the only place where a key's name, type, range, default and
 * documentation are written down; the parser, `schema`, `explain`, the man
 * page and the fuzz dictionary are all loops over these rows. keys.c holds
 * them in the order in which the man page reads. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum key_type {
	KEY_BOOL,	/* bool */
	KEY_UINT,	/* uint64_t, min..max; JSON integer */
	KEY_INT,	/* int64_t, min..max read as int64_t */
	KEY_SIZE,	/* uint64_t bytes, min..max; integer or "512M" (K M G T, powers of 1024) */
	KEY_TIME,	/* uint64_t ms; "10s" "500ms" "2m" */
	KEY_CPUS,	/* uint64_t millionths; number */
	KEY_RLIMIT,	/* uint64_t; integer, size or "unlimited" (UINT64_MAX) */
	KEY_MODE,	/* uint64_t; octal string "1777" */
	KEY_CHOICE,	/* uint64_t: index into names */
	KEY_SIGNAL,	/* uint64_t: "SIGTERM" or "TERM" */
	KEY_STRING,	/* const char *; syntax() judges it */
	KEY_STRINGS,	/* struct strings */
	KEY_NUMBERS,	/* struct numbers, each min..max */
	KEY_PAIRS,	/* struct pairs; object of strings */
	KEY_CAPS,	/* uint64_t mask; array of names, CAP_ optional, any case refused but UPPER or lower */
	KEY_PROFILE,	/* struct seccomp_policy.profile: string, or object kept as compact JSON */
	KEY_OBJECTS,	/* pointer + count; array of objects described by item rows */
};

struct key {
	const char *name;	/* "limits.memory"; inside an item: "source" */
	enum key_type type;
	size_t offset;		/* into struct policy, or into the item */
	const char *def;	/* JSON text of the default; NULL: required */
	const char *doc;	/* one sentence, ends in a full stop */
	const char *protects;	/* what it protects against, a phrase; NULL where nothing */
	uint64_t min, max;
	const char *const *names;	/* KEY_CHOICE: ends with NULL */
	/* KEY_STRING(S), PAIRS: NULL if fine, else what is wrong ("want an absolute path");
	 * for PAIRS called for each name and value. */
	const char *(*syntax)(const char *name, const char *value);
	size_t extra;		/* KEY_OBJECTS: offset of the count; NUMBERS: offset of the "given" flag, or 0; PROFILE: offset of the inline text */
	const struct key *item;	/* KEY_OBJECTS */
	size_t n_item, item_size;
};

extern const struct key policy_keys[];
extern const size_t policy_keys_len;
