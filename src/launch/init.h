/* init.h - PID 1 of the container: reaps, forwards signals, and is confined like the workload. */
#pragma once
#include "../controls/control.h"

must_check int init_fork(struct launch *, struct err *);	/* child row: returns in the workload only */
must_check int init_hear(struct launch *, struct err *);	/* parent: PID 1 says that it is confined, or why not */
must_check int init_confirm(struct launch *, struct err *);	/* parent: PID 1 is confined, seen from outside */
must_check int init_release(struct launch *, struct err *);	/* parent: the workload may be reaped from now on */

/* What PID 1 says last: the workload's wait status (waitpid(2)). */
struct init_report { int status; };
