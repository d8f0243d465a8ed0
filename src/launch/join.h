/* join.h - a process more in a container that runs: the rows that stand in for those that made it. */
#pragma once
#include "../controls/control.h"

/* Parent: holds what the container is, by a process that is in it. */
must_check int join_open(struct launch *, struct err *);
/* Parent: clones the child where the container is. Its pid, or -1 and *e. */
must_check int join_clone(struct launch *, void (*child)(struct launch *), int *pidfd, struct err *);
/* Parent: into the container's cgroup, and under its limits, before the child does anything. */
must_check int join_cgroup(struct launch *, struct err *);
