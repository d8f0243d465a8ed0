/* secrets.h - how a command comes by the writable view of a running container's /run/secrets.
 *
 * Only the supervisor has that view, and it could not use it: it has given up what it takes to make a file belong to the
 * workload. So it hands the descriptor to whoever asks through a socket in the state directory and is the same user, or root,
 * and the command does the writing with its own rights. */
#pragma once

#include "../controls/control.h"
#include "loop.h"
#include "state.h"

struct secrets_desk {
	const struct launch *launch;
	uid_t uid;		/* ours, which a confined supervisor can no longer ask for */
	struct watch watch;
};

/* Once the workload runs and before the supervisor is confined; a launch without secrets needs none. */
must_check int secrets_begin(struct secrets_desk *, const struct launch *, const struct state *, struct loop *, struct err *);
void secrets_end(struct secrets_desk *);

/* The directory, writable, as a descriptor; -1 and *e. */
must_check int secrets_ask(const struct state *, struct err *);
