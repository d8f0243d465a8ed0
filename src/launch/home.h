/* home.h - HOME of a process whose config.json gives it none: as /etc/passwd of the container has it. */
#pragma once
#include "../controls/control.h"

/* Room for it, when the plan leaves it open; 0 or -ENOMEM. */
must_check int home_init(struct launch *, struct arena *);

/* The child's row. No way to fail: what cannot be read is "/", as the plan has it. */
must_check int home_apply(struct launch *, struct err *);

/* The home of the first entry (passwd(5)) of this uid that has one to be used, NULL when there is none; not terminated. */
const char *home_find(const char *passwd, size_t len, uid_t uid, size_t *ret_len);
