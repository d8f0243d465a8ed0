/* health_state.h - what checks say of a service's health, one result after the other; pure. */
#pragma once
#include "../policy/policy.h"

enum health { HEALTH_STARTING, HEALTH_HEALTHY, HEALTH_UNHEALTHY };

struct health_state {
	enum health now;
	unsigned failures;	/* in a row, as far as they count */
	uint64_t checks;
	uint64_t since;		/* when it was launched, ms */
};

const char *health_name(enum health);
/* Takes one result in; true when the health has changed by it. Times in ms of any one clock. */
bool health_take(struct health_state *, const struct healthcheck_policy *, uint64_t now, bool good);
