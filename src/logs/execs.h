/* execs.h - programs that a container was refused, counted as the kernel logs it (seccomp, AppArmor): alerts.denied_execs.
 * A workload that tries what it never needs is one that somebody else may be driving. */
#pragma once

#include "../launch/loop.h"
#include "denial.h"

#include "../base/sys.h"

enum { EXECS_WITHIN = 600, EXECS_MAX = 1000 };	/* seconds; alerts.denied_execs */

struct exec_count { uint64_t threshold, n, at[EXECS_MAX]; };
/* True: it has been so often within the time, and is counted anew. `now` in ms. Pure. */
bool exec_count(struct exec_count *, uint64_t now);
/* Whether a program was to be executed. */
bool denial_is_exec(const struct denial *);

struct exec_watch {
	const struct sys *sys;
	uid_t uid;		/* of the workload, on the host: all that the kernel says of whose it is */
	struct exec_count count;
	struct watch watch;
	void (*tell)(void *ctx, const char *what, const char *message);
	void *ctx;
};
#define EXEC_WATCH_INIT { .watch.fd = -1 }

/* Before the workload runs, so that it does not where nobody can hear; count.threshold, uid, tell and ctx are set. */
must_check int execs_begin(struct exec_watch *, const struct sys *, struct err *);
must_check int execs_watch(struct exec_watch *, struct loop *, struct err *);
void execs_end(struct exec_watch *);
