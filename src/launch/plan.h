/* plan.h - policy to plan: the last moment at which names, text and the caller's world matter. */
#pragma once
#include "../controls/control.h"

/* What the command line adds to a policy. */
struct request {
	const char *name;		/* of the container */
	uint64_t without;		/* CONTROL_BITs of --without */
	const char *const *args;	/* appended to the policy's args */
	size_t n_args;
	const char *const *environ;	/* where env_pass looks */
	bool dry;			/* nothing is started: what only a real launch is given is made up */
	bool joins;			/* args replace the policy's, in a container that runs; `running` too */
	bool healthcheck;		/* and are those of healthcheck.exec, for which `exec` need not be allowed */
	const char *cwd;		/* of them; NULL: the policy's */
	bool terminal;
	bool running;			/* it was let through when it was started: the floor of today is no matter */
};

/* Makes the plan in the arena and seals both. It refers to strings of the policy, which must live as long. */
must_check int plan_make(const struct policy *, const struct request *, struct arena *, const struct plan **ret, struct err *e);

/* Where argv[0] is looked for, by the PATH of envp. */
must_check int plan_candidates(struct plan *, struct arena *, struct err *);
