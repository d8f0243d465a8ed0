/* run.h - the one way from a policy to a running workload: for every command that starts one. */
#pragma once
#include "../doors/door.h"
#include "options.h"

/* What the command line says of a launch beside the policy. */
struct run_options {
	struct source source;		/* its text, when that is no file's */
	struct request request;
	int status_fd;			/* -1: none */
	bool detach;			/* go on in the background once the workload runs */
	bool keep;			/* leave the exit record behind */
	bool journal;			/* what is not asked to go elsewhere goes to the journal, where there is one */
	const struct door *door;	/* through which the policy came, or NULL: findings name what it was made of */
	bool no_input, discard_output;	/* the workload's standard streams are /dev/null */
};

#define RUN_OPTIONS_INIT { .status_fd = -1, .request = { .environ = (const char *const *)environ } }

/* --without, --status-fd, --set: rows for getopt_long(3), and what they do. */
#define RUN_LONG_OPTIONS { "without", required_argument, NULL, 'w' }, { "status-fd", required_argument, NULL, 'f' }, \
	{ "set", required_argument, NULL, 's' }
must_check int run_option(struct run_options *, int opt, const char *arg, struct err *e);

/* From the policy (source.text, else the file) to the workload's exit code; with `detach` to 0 once it runs, and its name
 * is printed. -1 and *e when there is no workload. Frees the source. */
must_check int run_policy(struct run_options *, const char *file, struct err *e);
