/* compile.h - rules to a BPF program. */
#pragma once

#include "../policy/policy.h"
#include "profile.h"
#include <linux/filter.h>

/* The one execve() that exec_once allows: with exactly these two pointers. */
struct filter_once { uint64_t argv, envp; };

/* What one launch makes of a profile. */
struct filter_wish {
	uint64_t caps;			/* of the workload */
	uint16_t kernel;		/* KERNEL() that runs */
	enum seccomp_deny deny;
	const struct filter_once *once;	/* NULL: execve as the profile says */
};

/* On failure *e has kind ERR_POLICY and path: the rule within the profile. */
must_check int filter_compile(const struct filter_profile *, const struct filter_wish *, struct arena *,
			      struct sock_fprog *ret, struct err *e);

/* Whether some arguments exist with which the call is let through. */
bool filter_allows(const struct filter_profile *, const struct filter_wish *, unsigned nr);

/* The calls by number without a look at arguments, `otherwise` for the rest; ENOSYS for numbers without a name. */
must_check int filter_allowlist(const uint16_t *calls, size_t n, uint32_t otherwise, struct arena *,
				struct sock_fprog *ret, struct err *e);
