/* hook.h - casemate-hook: what its stages share. */
#pragma once

#include "judge.h"

#include "../base/arena.h"

/* Distinct, so that a log of an engine, which may hold nothing else, tells what happened. */
enum hook_exit {
	HOOK_FINE = 0,
	HOOK_REFUSED = 1,	/* below a bound */
	HOOK_USAGE = 2,
	HOOK_INPUT = 3,		/* standard input, or the bundle's config.json, is not what the stage gets */
	HOOK_HOST = 4,		/* a policy, a floor or the host is not as it must be */
	HOOK_DRIFT = 5,		/* the running container is not what config.json says: it was killed */
	HOOK_TIME = 6,		/* took too long */
};

enum { HOOK_BOUNDS_MAX = 8, HOOK_TEXT = 320 };

struct hook {
	const char *stage;
	bool deny;			/* precreate: refuse, do not rewrite */
	const char *floors[HOOK_BOUNDS_MAX]; size_t n_floors;	/* files, or names of shipped ones, beside the host's */
	uint64_t without;		/* CONTROL_BITs of --without */
	char *input;			/* standard input */
	size_t len;
};

/* Everything that a container is held against: the policy that its annotation names, the host's floor, and those of the
 * command line. */
struct hook_bounds {
	struct arena arena[HOOK_BOUNDS_MAX + 2], profiles;
	struct policy policy;
	struct floor floor[HOOK_BOUNDS_MAX + 1]; size_t n_floors;
	struct oci_bound bound[HOOK_BOUNDS_MAX + 2]; size_t n;
	char policy_file[160], policy_sha256[65];	/* "": no policy */
};
/* 0, or an exit code and *e. */
must_check int hook_bounds_load(const struct hook *, const json_t *config, struct hook_bounds *, struct err *);
void hook_bounds_free(struct hook_bounds *);

/* What was found, for the one line that engines show, and for the audit event. */
struct hook_findings {
	struct err *e;			/* the first error */
	unsigned errors, changes;
	json_t *list;			/* of {severity, path, message, hint} */
};
/* Holds the config against all bounds. 0 or an exit code. */
must_check int hook_judge(json_t *config, const struct hook_bounds *, enum oci_verb, bool ports, struct hook_findings *, struct err *);
/* One audit event; takes the list over. 0, or -1 and *e where the floor makes it a condition. */
must_check int hook_record(const struct hook *, const char *kind, const char *name, const struct hook_bounds *, json_t *findings,
			   const char *sha256, struct err *);

/* A stage: an exit code, and *e. */
typedef int hook_stage(struct hook *, struct err *);
hook_stage hook_precreate, hook_create_runtime, hook_poststart, hook_poststop;
