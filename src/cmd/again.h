/* again.h - the plan of a running container, made a second time from what its state directory keeps: nothing trusts what the
 * launch believed to have done. */
#pragma once
#include "../launch/container.h"
#include "../launch/plan.h"

struct again {
	struct arena arena[2];		/* of the policy with its source, and of the plan */
	struct policy policy;
	const struct plan *plan;
};

/* As it was launched and updated since, with these settings over it. again_free() in any case. */
must_check int again_make(struct again *, const struct container *, const struct setting *set, size_t n_set, struct err *);
/* The same for a program that joins it (rq->joins): only where the policy allows that. */
must_check int again_join(struct again *, const struct container *, const struct request *rq, struct err *);
void again_free(struct again *);
