/* options.h - what run, plan, explain and verify have in common on their command lines. */
#pragma once
#include "../launch/plan.h"

enum { SETTINGS_MAX = 64 };

/* A policy with everything the command line said of it. Release with source_free(). */
struct source {
	const char *file;		/* as given; "-" is stdin */
	char *text;
	size_t len;
	struct setting set[SETTINGS_MAX];
	size_t n_set;
	char *storage[SETTINGS_MAX];	/* the halves of KEY=VALUE */
};

void source_free(struct source *);
/* One --set KEY=VALUE. */
must_check int source_set(struct source *, const char *arg, struct err *e);
/* Reads the file, where there is no text yet, and gives the view that policy_parse wants. */
must_check int source_load(struct source *, const char *file, struct policy_source *ret, struct err *e);

/* "NAME[,NAME...]" into CONTROL_BITs, added to *mask. */
must_check int parse_controls(const char *list, uint64_t *mask, struct err *e);

/* The name of a launch: the policy's, or the file's stem and our pid. `buf` holds the latter. */
const char *launch_name(const struct policy *, const char *file, char *buf, size_t size);
