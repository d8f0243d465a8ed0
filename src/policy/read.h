/* read.h - a policy on its way in: what parse.c, value.c and show.c share. */
#pragma once

#include "key.h"
#include "locate.h"
#include "policy.h"

#include <jansson.h>

enum origin { FROM_DEFAULT, FROM_POLICY, FROM_SET };

struct reading {
	const struct language *language;
	const struct policy_source *src;
	struct arena *arena;
	struct err *e;
	void *base;			/* the struct that is filled */
	char pointer[POINTER_MAX];	/* to what is being read; see at() */
	size_t used;
	bool on_key;			/* an error is the key's, not its value's */
	const char *set;		/* the --set KEY being read: an error is its own, not the text's */
	json_t *root;			/* the document; complete in the end */
	unsigned char origin[KEYS_MAX];	/* enum origin of every row */
	bool implied_tmp;		/* the last mount is ours */
	struct policy policy;		/* of the language of policies */
};

/* Steps into a member and back out again:
 *	size_t up = enter(r, "mounts"); ... leave(r, up); */
size_t enter(struct reading *, const char *name);
size_t enter_dotted(struct reading *, const char *name);	/* "limits.memory" is two steps */
size_t enter_index(struct reading *, size_t i);
void leave(struct reading *, size_t up);

/* Fails at the current pointer, telling line and column or the --set key. Returns -1. */
int fault(struct reading *, const char *hint, const char *fmt, ...) __attribute__((format(printf, 3, 4), cold));

/* The row with this full name, or NULL; key_find() looks among policy_keys. */
const struct key *key_in(const struct language *, const char *name);
const struct key *key_find(const char *name);
/* The value of a row in `obj`, or NULL. */
json_t *key_get(const struct key *, json_t *obj);
/* Sets "a.b" in `obj`, making what is missing on the way. Takes over the value. */
must_check int key_set(json_t *obj, const char *name, json_t *);

/* Stores the value of one row, whose pointer has been entered, at base + offset. In a list of
 * objects the defaults are filled into the JSON, too. */
must_check int value_put(struct reading *, const struct key *, json_t *, void *base);

/* The same for a whole object: first what is given, then the defaults of what is not. */
must_check int rows_put_given(struct reading *, const struct key *rows, size_t n, json_t *obj, void *base);
must_check int rows_put_missing(struct reading *, const struct key *rows, size_t n, json_t *obj, void *base);

/* Fails at "unknown key" `name`, with what may have been meant. `section` is "" or "limits". */
int unknown_key(struct reading *, const struct key *rows, size_t n, const char *section, const char *name);

/* Reads a document of r->language into the struct that its rows describe. */
must_check int document_read(struct reading *, void *base);

/* Reads a policy, whole. The caller gives reading_free() what it gets, on failure, too. */
must_check int policy_read(struct reading *, const struct policy_source *, struct arena *, struct err *);
void reading_free(struct reading *);
