/* oci_walk.h - every field of the OCI runtime specification (oci_fields.c), and the walk of a document along that list, so that a
 * key nobody knows is found wherever it stands. What is to be made of the fields is the visitor's business: a policy
 * (oci_import.c), a container (src/oci). */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum oci_fate {
	OCI_PART,	/* read by the taker of what holds it */
	OCI_MAPPED,	/* `take` makes keys of it */
	OCI_NO_EFFECT,	/* nothing here would do anything about it; `why` */
	OCI_REFUSED,	/* cannot be had; `why`, and `hint` is the way out */
};

enum oci_type { OCI_OBJECT, OCI_ARRAY, OCI_STRING, OCI_INTEGER, OCI_BOOL };

struct oci_import;

struct oci_field {
	const char *path;	/* "mounts[].options[]"; "*" is any name */
	size_t len;		/* of the path */
	enum oci_type type;
	enum oci_fate fate;
	const char *why, *hint;
	void (*take)(struct oci_import *, json_t *);	/* behind all that it holds */
};

extern const struct oci_field oci_fields[];
extern const size_t oci_fields_len;

struct oci_visitor {
	void *ctx;
	/* A field with a value; null only as an entry of a list or a map, where it is of no type. false: what stands below it is
	 * not looked at, and it is not left. */
	bool (*enter)(void *ctx, const struct oci_field *, json_t *, const char *pointer);
	void (*leave)(void *ctx, const struct oci_field *, json_t *, const char *pointer);	/* behind all that it holds */
	/* A name that the specification does not have; `above` is the pattern of the object that holds it. */
	void (*unknown)(void *ctx, const char *above, const char *name, const char *pointer);
};

void oci_walk(json_t *root, const struct oci_visitor *);

/* Has the value the type of its field? */
bool oci_has_type(const json_t *, const struct oci_field *);
/* "an object" */
const char *oci_type_name(enum oci_type);

/* "unlimited" is 2^64-1 in the specification and more than jansson's integers hold. The digits are replaced by as many
 * that fit, so that places stay: 2^63-1, which means "unlimited" as well wherever it may stand. */
void oci_clamp(char *text, size_t len);
