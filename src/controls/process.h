/* process.h - what a process inherits without being asked, and is rid of here. */
#pragma once
#include "control.h"

must_check int undumpable_apply(struct launch *, struct err *);
must_check int pdeathsig_apply(struct launch *, struct err *);
must_check int stdio_check(struct launch *, struct err *);	/* parent */
must_check int stdio_own(struct launch *, struct err *);
must_check int session_apply(struct launch *, struct err *);
must_check int affinity_apply(struct launch *, struct err *);	/* parent, before clone */
must_check int scheduling_give(struct launch *, struct err *);	/* parent, before GO: what takes the host's rights */
must_check int scheduling_apply(struct launch *, struct err *);
/* Inside; `stat` is /proc/self/stat behind the name of the program. */
must_check int scheduling_verify(const struct plan *, struct target *, const char *stat, struct err *);
must_check int nnp_apply(struct launch *, struct err *);
must_check int cwd_enter(struct launch *, struct err *);	/* as root */
must_check int cwd_apply(struct launch *, struct err *);
must_check int fds_apply(struct launch *, struct err *);
