/* yaml.h - a YAML document as a tree with places.
 *
 * libyaml gives events; this keeps what a reader of configuration wants of them: scalars are text and stay text (what
 * "no", 0440 or 22:22 mean is for who asks), every node knows line and column, and what is read differently by
 * different readers is an error: duplicate keys, tags, a second document, keys that are no scalars. Aliases share
 * their node, and what they would expand to is counted, so that a small file stays small (a "billion laughs"). */
#pragma once

#include "../base/arena.h"
#include "../base/err.h"

#include <stdbool.h>

enum node_kind { NODE_SCALAR, NODE_SEQUENCE, NODE_MAPPING };

struct node {
	enum node_kind kind;
	const char *text;		/* of a scalar; no NUL in it */
	bool plain;			/* not quoted: may be a number, a switch, or nothing */
	int line, column;		/* 1-based */
	size_t weight;			/* nodes that it stands for, with all aliases expanded */
	const struct node_entry *entries;
	size_t n;
};

struct node_entry { const struct node *key, *value; /* of a sequence: key is NULL */ const struct node_entry *next; };

enum { YAML_NODES_MAX = 20000, YAML_DEPTH_MAX = 24 };

/* The document, in the arena; *e has line and column. An empty one is an error. */
must_check int yaml_read(const char *text, size_t len, struct arena *, const struct node **ret, struct err *);

/* The value of a key, or NULL. */
const struct node *node_get(const struct node *mapping, const char *key);
/* null, ~ or nothing, unquoted; a NULL node, too. */
bool node_is_null(const struct node *);
