/* rules.h - the table of rules: one row, one thing that can be wrong with a policy as a whole. */
#pragma once

#include "../policy/policy.h"

/* Every condition that a row gives must hold; `mount` and `device` are asked for each of theirs. */
struct rule {
	const char *id;		/* "network.host": stable, for records and for humans */
	enum severity severity;
	const char *pointer;	/* to blame; NULL: the mount or device */
	const char *title;	/* lower case, no full stop */
	const char *hint;
	bool (*policy)(const struct policy *);
	bool (*mount)(const struct mount_policy *);
	bool (*device)(const struct device_policy *);
	uint64_t capabilities;	/* any of them */
};

extern const struct rule rules[];	/* ends with a NULL id */
