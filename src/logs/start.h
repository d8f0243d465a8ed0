/* start.h - the supervisor's side of a container's log: it starts the driver, sees that it is confined, looks after it, and
 * waits for its last line. */
#pragma once

#include "../launch/loop.h"
#include "place.h"

#include <jansson.h>

struct log_run {
	const struct sys *sys;
	const struct log_policy *policy;	/* NULL: no log of ours */
	struct log_source source;
	bool named;			/* by somebody who will ask for it by that name */
	struct log_counts *counts;
	char dir[PATH_MAX];		/* of its files, or "" */
	int pidfd, report, out[2], in[2];	/* in: the workload's ends of the pipes, until it has them */
	int mine[2];			/* our own standard output and error, while the pipes are in their place */
	pid_t pid;
	enum { LOG_OFF, LOG_RUNS, LOG_OVER, LOG_BROKEN } state;
	struct loop *loop;
	struct watch watch[4];
	/* Something to be heard of: an audit event. */
	void (*alert)(void *ctx, const char *message);
	void *ctx;
};
#define LOG_RUN_INIT { .pidfd = -1, .report = -1, .out = { -1, -1 }, .in = { -1, -1 }, .mine = { -1, -1 } }

/* A random id. */
must_check int log_id(char id[LOG_ID_LEN + 1], struct err *);
/* Returns once the driver is ready. `uid` and `gid` may open the pipes by name (/dev/stdout). */
must_check int log_start(struct log_run *, const struct sys *, uid_t uid, gid_t gid, struct err *);
/* The pipes become descriptors 1 and 2; and ours again, which closes the pipes here. */
must_check int log_streams_give(struct log_run *, struct err *);
void log_streams_back(struct log_run *);
/* From now on its end, and what it tells, are heard. */
must_check int log_watch(struct log_run *, struct loop *, struct err *);
/* Waits until all is written; a driver that takes too long goes on alone. */
void log_finish(struct log_run *);
/* What the records say of it; a new reference, null without a log. */
json_t *log_record(const struct log_run *);
