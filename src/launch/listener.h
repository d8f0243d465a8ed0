/* listener.h - the descriptor by which a seccomp agent hears of the workload's calls, from its process to the agent (config-linux.md,
 * "The Container Process State"). */
#pragma once
#include "../controls/control.h"

/* Child, right before its filter: whoever passes the listener on holds it from here. */
must_check int listener_await(struct launch *, struct err *);

/* The connection to the agent, or -1 and *e. */
must_check int listener_connect(const struct sys *, const char *path, struct err *);
/* Whoever hears the child at the other end of `report`: lets it load its filter, takes the listener from it, sends it to the agent with
 * `state`, a JSON object to which the process is added, and lets the child go on. After a failure the child is dead. Closes `agent`. */
must_check int listener_pass(const struct sys *, int agent, const char *state, int report, pid_t, int pidfd,
			     struct err *);

/* Parent of a process that is not held: both at once. */
must_check int listener_give(struct launch *, struct err *);
