/* guard.h - ends the workload when its supervisor is killed, where the kernel no longer does. */
#pragma once
#include "../controls/control.h"

/* A row of the parent's: makes the guard where one is needed, l->guard. It ends when the supervisor does, or by guard_end(). */
must_check int guard_start(struct launch *, struct err *);
void guard_end(struct launch *);
