/* stage.h - a short-lived process between the parent and the container's. */
#pragma once
#include "../controls/control.h"

/* As clone3(2) of the container's process, which goes on in `child`, from within namespaces that cannot be left again: those of the
 * container that is joined, or a user or mount namespace of the plan. The new process is our own child. Its pid and
 * *pidfd, or -1 and *e. */
must_check int stage_clone(struct launch *, struct clone_args *, void (*child)(struct launch *), int *pidfd, struct err *);
