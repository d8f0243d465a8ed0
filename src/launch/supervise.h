/* supervise.h - the supervisor's life between launch and exit. */
#pragma once
#include "../controls/cgroup.h"
#include "../controls/control.h"
#include "loop.h"
#include "notify.h"

struct outcome {
	int status;			/* wait status of the workload (waitpid(2)) */
	bool forced;			/* the stop timeout ran out, or the supervisor had to kill it */
	bool failed;			/* stopped by the supervisor itself: unhealthy, or without its log (loop_raise()) */
	uint64_t duration_ms, cpu_usec;
	struct usage usage;		/* of the cgroup; zero without one */
};

/* Gives up what the supervisor no longer needs. Of the file system it keeps the container's cgroup and these directories, whose
 * files it may write, make and remove: the one of its state, the one of the audit trail; -1 is none. */
must_check int supervisor_confine(const struct launch *, const int *dirs, size_t n, struct err *);

/* Forwards signals until the container is gone; fills *ret. Tells the manager when it begins to stop. What else
 * is to be looked after is in the loop. */
void supervise(struct launch *, const struct notify *, struct loop *, struct outcome *ret);

enum { EXIT_FAILED = 124 };	/* as timeout(1) ends */

/* docker's: the workload's own code, or 128 + n; but EXIT_FAILED of one that failed, since ending in order when it is told to is no
 * success then, and a manager must know that it has to be started again. */
int outcome_exit_code(const struct outcome *);
