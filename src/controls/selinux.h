/* selinux.h - the label that a program gets at exec, for descriptions that name one. */
#pragma once

#include "control.h"

/* Parent: somebody is there to take the label. */
must_check int selinux_check_host(struct launch *, struct err *);
must_check int selinux_apply(struct launch *, struct err *);
