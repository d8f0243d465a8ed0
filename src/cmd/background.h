/* background.h - a launch that goes on as a service of systemd, where that is the init: it supervises, keeps the output, and stops
 * what it started, after a logout too. Elsewhere: detach.h. */
#pragma once
#include "../policy/policy.h"
#include "run.h"

struct background {
	const char *name;
	const struct policy_source *source;	/* as it was judged */
	const struct policy *policy;
	const char *file;			/* where it is from; NULL: from no file, so it is kept with the unit */
};

/* Starts casemate run as casemate-NAME.service and waits until that is ready, which the policy's "notify" decides: 1, its name
 * printed; -1 and *e, as a launch in the foreground would have failed. */
must_check int background_run(const struct run_options *, const struct background *, struct err *);
