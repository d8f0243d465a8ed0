/* health.h - the health of a service: asked at intervals, written down, and what follows from it. */
#pragma once
#include "audit.h"
#include "checker.h"
#include "health_state.h"
#include "loop.h"

struct health_watch {
	const struct launch *launch;
	const struct healthcheck_policy *policy;
	struct loop *loop;
	struct watch answer;	/* of the checker; due: when to ask next, or when an answer is too late */
	struct checker checker;
	struct health_state state;
	bool asked;		/* and not answered yet */
	int file;		/* HEALTH_FILE in the state directory */
	int last;		/* answer */
	void (*changed)(void *ctx, enum health, const char *why);
	void *ctx;
};

#define HEALTH_FILE "health.json"

/* Before the supervisor is confined; `dir` is the container's state directory. */
must_check int health_begin(struct health_watch *, const struct launch *, int dir, struct loop *, struct err *);
/* Microseconds after the launch in which it must turn out healthy or unhealthy. */
uint64_t health_verdict_usec(const struct healthcheck_policy *);
void health_end(struct health_watch *);
