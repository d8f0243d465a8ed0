/* child.h - the child's own rows, and its way through all of them. */
#pragma once
#include "../controls/control.h"

must_check int child_close_ends(struct launch *, struct err *);
must_check int child_await_go(struct launch *, struct err *);
must_check int child_signals(struct launch *, struct err *);
must_check int child_verify(struct launch *, struct err *);
must_check int child_ready(struct launch *, struct err *);
must_check int child_program(struct launch *, struct err *);	/* `create` only: there is one to execute */
must_check int child_hold(struct launch *, struct err *);	/* created; here it waits for `start` */

/* The whole child order, then exec. Returns only on failure, with *e filled. */
void child_run(struct launch *, struct err *);

/* The READY record: kind ERR_NONE and what every control reads. A failure is a bare struct err. */
struct ready {
	struct err none;
	char value[CONTROL_COUNT][VALUE_MAX];
};
