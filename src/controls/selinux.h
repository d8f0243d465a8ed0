/* selinux.h - the label that a program gets at exec, for descriptions that name one. */
#pragma once

#include "control.h"

/* Parent: the kernel runs SELinux, and its policy has the labels. */
must_check int selinux_check_host(struct launch *, struct err *);
/* Child: whose keys they are that it gets; and what it will be. */
must_check int selinux_key_apply(struct launch *, struct err *);
must_check int selinux_apply(struct launch *, struct err *);
