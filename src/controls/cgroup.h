/* cgroup.h - the leaf of a launch in the cgroup v2 tree: BASE/casemate/NAME, the same in every
 * situation, or the path that the plan names. Made by the parent before clone3(CLONE_INTO_CGROUP). */
#pragma once

#include "control.h"

/* Enables the controllers that the plan needs and makes the leaf. Without any limit to set
 * there is no leaf and l->cgroup is -1. On failure nothing is left behind. */
must_check int cgroup_open(struct launch *, struct err *);

/* cgroup_path.c: its part of that at l->cgroup_path. Directories that are missing on the way are made, and every
 * controller is handed down that can be; those above the leaf stay. */
must_check int cgroup_open_path(struct launch *, struct err *);

/* cgroup_give.c: to the user who lives in it, where the plan says so. */
must_check int cgroup_give(struct launch *, struct err *);

/* Does the process live in it? What cannot be found out is false. */
bool cgroup_has(const struct launch *, pid_t pid);

/* Kills every process in it; 0 or -errno. */
must_check int cgroup_kill(const struct launch *);

/* Kills what is left and removes the leaf. Also after a failure of cgroup_open, or of anything later. */
void cgroup_close(struct launch *);

/* Removes the leaf of a launch whose supervisor was killed, if it is empty. */
bool cgroup_sweep(const char *name);

enum oom_level {
	OOM_NONE,
	OOM_OWN,	/* the container's own limit */
	OOM_ABOVE,	/* the limit of a cgroup above, or the host ran out */
};

/* What the container used, for the record of its exit. 0 where the kernel does not count it. */
struct usage {
	uint64_t memory_peak;		/* bytes; since 5.19 */
	uint64_t cpu_usec, throttled_usec;
	uint64_t oom_kills;		/* as the kernel counts: with oom_group the first victim twice */
	uint64_t pids_max_events;	/* forks refused by limits.pids */
	enum oom_level oom;
};

/* After the exit, before cgroup_close. 0, or -errno of the first file that should be there. */
must_check int cgroup_usage(const struct launch *, struct usage *);
