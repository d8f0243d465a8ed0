/* listen.h - sockets that the service manager opened and hands over (sd_listen_fds(3)): which the policy takes, and what they are. */
#pragma once
#include "plan.h"

enum { LISTEN_MAX = LIST_MAX, LISTEN_FIRST = 3 };

/* What is said of them in the environment of process `pid`; pure. */
struct listen_said {
	size_t n;				/* descriptors 3 to n + 2 */
	struct { const char *s; size_t len; } name[LISTEN_MAX];	/* into the environment */
};
must_check int listen_parse(const char *const *environ, pid_t pid, struct listen_said *ret, struct err *e);

/* The plan's part. Before anything of our own is open. */
must_check int listen_plan(const struct policy *, const struct request *, struct plan *, struct arena *, struct err *);
/* Parent row: each is a socket of a kind that the policy names for it, and none is missing. */
must_check int listen_check(struct launch *, struct err *);
