/* caps.h - capabilities: keep an allowlist, drop everything else. */
#pragma once
#include "control.h"

must_check int securebits_apply(struct launch *, struct err *);
must_check int caps_bound_apply(struct launch *, struct err *);
must_check int caps_final_apply(struct launch *, struct err *);
must_check int caps_init_apply(struct launch *, struct err *);	/* PID 1 */

enum { CAPS_NAME = 40 };
/* "CAP_NET_ADMIN"; false, and its number, if libcap-ng has no name for it. */
bool caps_name(unsigned cap, char name[CAPS_NAME]);

/* The running kernel's last capability; 0 or -errno. */
must_check int caps_read_last(const struct sys *, unsigned *);
