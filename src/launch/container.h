/* container.h - a container found by its name, for every command about one: the name means the same everywhere.
 *
 * Its numbers come from the launch record and may be somebody else's once it has ended: a process is only ever acted on
 * through container_pidfd(), which makes sure that it is still the container's. */
#pragma once

#include "../base/cgroup2.h"
#include "../policy/policy.h"
#include "state.h"

#include <jansson.h>
#include <sys/types.h>

struct container {
	struct state state;
	enum state_phase phase;
	json_t *record;		/* the launch record (record.h) */
	pid_t pid, init, supervisor;	/* the workload; its PID 1, which is the same without `init`; as this pid namespace counts */
	const char *cgroup;	/* below the mount of cgroup v2, or NULL: of `record` */
};

#define CONTAINER_NONE { .state = STATE_NONE }

/* One in any phase. Started by somebody else is not there. */
must_check int container_find(struct container *, const char *name, struct err *e);
/* One that runs. */
must_check int container_open(struct container *, const char *name, struct err *e);
void container_close(struct container *);

/* The policy as it was launched, settings and all; both in the arena, which policy_parse() seals. */
must_check int container_source(const struct container *, struct arena *, struct policy_source *, struct err *e);
must_check int container_policy(const struct container *, struct arena *, struct policy *, struct err *e);
/* The supervisor, PID 1 or the workload of a running container, as a descriptor; -1 and *e. */
must_check int container_pidfd(const struct container *, pid_t, struct err *e);
must_check int container_signal(const struct container *, pid_t, int sig, struct err *e);
/* What its health checks say (health.h): status, failures, checks, last; null without any. A new reference. */
json_t *container_health(const struct container *);
/* Its cgroup: O_DIRECTORY | O_RDONLY; -1 and *e, also where every limit was waived and there is none. */
must_check int container_cgroup(const struct container *, struct err *e);
/* Until it has ended, or for so many milliseconds (negative: for ever). 1: it has, and `phase` says how; 0: the time is up. */
must_check int container_wait(struct container *, int timeout_ms, struct err *e);
