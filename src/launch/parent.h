/* parent.h - the parent's own rows: clone, the talk with the child, the look from outside. */
#pragma once
#include "../controls/control.h"

must_check int parent_clone(struct launch *, struct err *);
must_check int parent_go(struct launch *, struct err *);
must_check int parent_await(struct launch *, struct err *);
must_check int parent_verify(struct launch *, struct err *);

/* All descriptors -1, for `plan`. */
must_check int launch_init(struct launch *, const struct plan *, const struct sys *, struct arena *, struct err *);
/* The parent order. On failure the child is gone and nothing is left behind. One that is held is not settled yet. */
must_check int launch_start(struct launch *, struct err *);
/* The launch of a held container is written down: it lives on without us, until `start`. */
must_check int launch_release(struct launch *, struct err *);
/* Closes what only the launch needed; the supervisor keeps pidfd, control[0] and cgroup. */
void launch_settle(struct launch *);
/* Kills what may still run and removes the cgroup. */
void launch_end(struct launch *);
