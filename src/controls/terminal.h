/* terminal.h - a terminal made in the container, for those plans that want one. */
#pragma once
#include "control.h"

/* Parent: the socket over which its master will come: to us, or to whoever listens at plan->console. */
must_check int terminal_open(struct launch *, struct err *);
/* Child, in its own tree and still root. */
must_check int terminal_apply(struct launch *, struct err *);
/* Child that joins a container, as its user already. */
must_check int terminal_join(struct launch *, struct err *);
