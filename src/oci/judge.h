/* judge.h - a container's config.json held against bounds: a policy, a floor, or both.
 *
 * One table of rows (judge.c), and two verbs. Judged, a config.json keeps to a bound or has findings, each of which names the
 * place in config.json, the bound's key and what would do. Tightened, it is rewritten until it keeps to it: only ever towards
 * less, so it is as tight as it was and as the bound is; what cannot be made good is a finding still. What no row speaks of
 * stays as it is.
 *
 * Pure: what must be asked of the host comes in as facts. */
#pragma once

#include "bound.h"

#include <jansson.h>
#include <limits.h>

enum oci_verb { OCI_JUDGE, OCI_TIGHTEN };

/* One line of /proc/self/uid_map. */
struct oci_id_map { uint64_t inside, outside, count; };

struct oci_facts {
	/* The maps of the user namespace that the runtime is in; none: the host's own. */
	struct oci_id_map uid[8], gid[8];
	size_t n_uid, n_gid;
	uint16_t kernel;		/* KERNEL() */
	int64_t oom_score_adj;		/* the runtime's, or what calls it; a container that is given none inherits it */
	/* The number of a device of the host; NULL or false: not known, and so not allowed. */
	bool (*device)(const char *path, bool *block, unsigned *major, unsigned *minor);
	/* Where links lead to, of which the host's own tree may have some; NULL or false: not known, and taken as it is named. */
	bool (*real)(const char *path, char ret[PATH_MAX]);
	/* Whether the namespace at the path ("/proc/7/ns/net") is one of the host's own; NULL: taken to be. */
	bool (*host_namespace)(const char *type, const char *path);
	/* The maps of a user namespace that a process has ("/proc/7/ns/user"), as the runtime's one sees them; NULL or 0: not known. */
	size_t (*maps)(const char *path, bool group, struct oci_id_map *, size_t max);
	/* Where config.json lies, absolute; NULL: not known, and so is the root that has a path beside it. */
	const char *bundle;
	/* What whoever makes the container does beside what config.json says: no finding, then. */
	bool landlock, init, ports;
};

/* Holds the config against one bound and reports: SEV_ERROR, what keeps it from being started (the pointer is one of
 * config.json); SEV_WARNING, what the bound asks for and config.json has no words for; SEV_NOTE, what was tightened.
 * 0, or the number of errors; -1 and *e when it could not be judged. */
must_check int oci_judge(json_t *config, const struct oci_bound *, const struct oci_facts *, enum oci_verb, const struct findings *,
			 struct err *);

/* The facts of this host. */
void oci_facts_here(struct oci_facts *);

/* For a runtime, before it makes a plan of config.json: the host's floor, if there is one, judged or tightened as its key "oci"
 * says. -1: the container must not be created, and *e is the first finding. *file: what bound it, or NULL. */
must_check int oci_floor_bind(json_t *config, const struct oci_facts *, const char **file, char sha256[65], struct err *);
