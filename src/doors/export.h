/* export.h - a policy said in the languages of others: the way out.
 *
 * Pure: what must be asked of the host (which device a path is) or made by others (the filter) comes in as facts.
 * What another language has no words for is reported, each thing once: SEV_WARNING, the policy key, what is lost. */
#pragma once

#include "../policy/policy.h"

#include <jansson.h>
#include <stdio.h>

struct export_device { bool block; unsigned major, minor; };

struct export_facts {
	const char *name;		/* of the container, where the policy gives none */
	const char *file;		/* the policy's: for a unit */
	const char *casemate;		/* our own program: for a unit */
	const struct setting *set; size_t n_set;	/* laid over that file: for a unit */
	json_t *effective;		/* the policy as policy_effective() gives it */
	json_t *seccomp;		/* the filter as OCI runtimes read it; NULL where nobody asks */
	const struct export_device *devices, *disks;	/* of each of the policy's devices, and limits.io */
};

/* A config.json of the OCI runtime specification 1.2; a new reference, or NULL when out of memory. */
json_t *export_oci(const struct policy *, const struct export_facts *, const struct findings *lost);

/* A docker run line, quoted for a shell. */
void export_docker_run(const struct policy *, const struct export_facts *, const struct findings *lost, FILE *);

/* A unit that runs the policy under casemate. */
void export_systemd(const struct policy *, const struct export_facts *, const struct findings *lost, FILE *);

/* One thing that a language may have no word for. */
struct loss {
	const char *pointer;
	bool (*when)(const struct policy *);	/* NULL: always */
	const char *msg, *hint;
};
void export_report(const struct policy *, const struct loss *, size_t n, const struct findings *lost);
