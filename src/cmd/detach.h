/* detach.h - a launch that goes on in the background: its supervisor is a session of its own. */
#pragma once
#include "../base/err.h"
#include <stdbool.h>

enum { DETACH_NAME_MAX = 64 };

/* Returns 0 in the new process, *report being where it tells how it went. In the old one 1 once the workload runs and
 * the name has been printed, or -1 with what was told. */
must_check int detach(int *report, struct err *e);

/* Tells the waiting process, once: *e of kind ERR_NONE means that the container of this name runs. */
void detach_report(int *report, const char *name, const struct err *e);

/* Standard input from /dev/null; with `output`, standard output and error to it as well: what the workload says goes to its log. */
must_check int put_streams_away(bool output, struct err *e);
