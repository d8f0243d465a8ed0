/* hooks.h - programs that a config.json has run on the way of its container (config.md, "POSIX-platform Hooks"). */
#pragma once
#include "../controls/control.h"

/* Every hook of a stage, in order, until one fails. `pid` as whoever runs them sees the container's process, 0 when it is gone.
 * -1 and *e: which one failed, how, and the last that it said. */
must_check int hooks_run(const struct sys *, const struct plan *, enum hook_stage, pid_t pid, struct err *);

must_check int hooks_of_runtime(struct launch *, struct err *);		/* parent: prestart, createRuntime */
must_check int hooks_in_container(struct launch *, struct err *);	/* child: waits for those, then createContainer */
