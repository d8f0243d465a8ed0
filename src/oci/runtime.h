/* runtime.h - what the verbs of casemate-runtime share: the options, the table of verbs, the log that engines read. */
#pragma once

#include "../base/cleanup.h"
#include "../base/err.h"
#include "spec.h"

#include <getopt.h>
#include <stdbool.h>

struct exec_wish;
struct oci_container;

/* The command line. */
struct runtime {
	/* before the verb */
	const char *root;		/* where states are; NULL: the default */
	const char *log;		/* a file; NULL: standard error only */
	bool log_json, debug;
	/* behind it */
	struct oci_wish wish;		/* of the verbs that make a container */
	const char *pid_file, *format;
	bool detach, keep, force, all, quiet, rootless_spec;
	bool stats; unsigned interval;	/* of events: once; seconds */
	json_t *resources;		/* of update: linux.resources */
	struct exec_wish *exec;		/* of the verb exec; of its own file */
};

struct verb {
	const char *name;
	const char *usage;		/* after "casemate-runtime NAME " */
	const char *summary;
	const char *shorts;		/* getopt(3) */
	const struct option *longs;
	int (*run)(struct runtime *, int argc, char **argv, struct err *);	/* the exit code, or -1 and *e */
	int (*option)(struct runtime *, int opt, const char *arg, struct err *);	/* what only this verb has; or NULL */
	bool goes_inside;		/* one of its processes is in the container before the program is */
};

extern const struct verb verb_create, verb_start, verb_run, verb_state, verb_kill, verb_delete, verb_list, verb_exec, verb_pause, verb_resume,
	verb_update, verb_events, verb_ps, verb_features, verb_spec;

/* The values of options, the same for every verb. A short letter is its own value. */
enum {
	OPT_PID_FILE = 256, OPT_CONSOLE_SOCKET, OPT_PRESERVE_FDS, OPT_NO_PIVOT, OPT_NO_NEW_KEYRING, OPT_KEEP, OPT_ROOTLESS,
	OPT_EXEC,			/* and above: of exec alone */
};
/* Those of a verb that makes a container. */
#define BUNDLE_OPTIONS \
	{ "bundle", required_argument, NULL, 'b' }, { "pid-file", required_argument, NULL, OPT_PID_FILE }, \
	{ "console-socket", required_argument, NULL, OPT_CONSOLE_SOCKET }, \
	{ "preserve-fds", required_argument, NULL, OPT_PRESERVE_FDS }, { "no-pivot", no_argument, NULL, OPT_NO_PIVOT }, \
	{ "no-new-keyring", no_argument, NULL, OPT_NO_NEW_KEYRING }

/* The one word behind the options: a container's id. */
must_check int the_id(int argc, char **argv, const char **ret, struct err *);
/* That container, opened as oci_container_open() does it; oci_container_close() in any case. */
must_check int the_container(const struct runtime *, int argc, char **argv, bool lock, struct oci_container *, struct err *);

/* For the engine (--log) and for whoever looks at standard error. */
void runtime_log(const struct runtime *, const char *level, const char *msg);
void runtime_fail(const struct runtime *, const struct err *);
