/* join.h - a process more in a container that runs: the rows that stand in for those that made it. */
#pragma once
#include "../controls/control.h"

/* Parent: holds what the container is, by a process that is in it. */
must_check int join_open(struct launch *, struct err *);
/* Parent: into the container's cgroup, and under its limits, before the child does anything. */
must_check int join_cgroup(struct launch *, struct err *);
