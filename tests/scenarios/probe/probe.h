/* probe.h - what a workload tries, one verb per trick. See main.c. */
#pragma once

#include <stdbool.h>

/* argv[0] is the verb. Returns the exit code: 0 when the trick worked. */
struct verb {
	const char *name, *usage;
	int (*run)(int argc, char **argv);
};

extern const struct verb call_verbs[], process_verbs[], limit_verbs[], service_verbs[];	/* each ends with a NULL name */

/* Prints "WHAT: EPERM" (or "WHAT: ok") and returns the exit code. `error` is 0 or an errno. */
int result(const char *what, int error);
long number(const char *text);	/* decimal, octal or hex; ends the program when it is none */
