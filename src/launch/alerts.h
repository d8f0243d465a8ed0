/* alerts.h - signs of trouble in a container's cgroup, told while there is time: held back by cpu.max, short of memory, near
 * limits.pids. Thresholds are the policy's; without one nothing is looked at. */
#pragma once
#include "../controls/control.h"
#include "loop.h"

/* One number against its threshold: it has to be over it several times in a row, and is told once until it is under it again. */
struct gauge {
	uint64_t threshold;	/* 0: off */
	unsigned needed, over;
	bool told;
};
/* True when it is to be told. Pure. */
bool gauge_take(struct gauge *, uint64_t value);

struct alerts {
	const struct launch *launch;
	struct watch samples, pressure;
	struct gauge throttled, pids;
	uint64_t last_throttled, last_time;
	uint64_t quiet_until;	/* of memory pressure, which the kernel tells each window */
	void (*tell)(void *ctx, const char *what, const char *message);
	void *ctx;
};

/* Before the supervisor is confined; `tell` and `ctx` are set. */
must_check int alerts_begin(struct alerts *, const struct launch *, struct loop *, struct err *);
void alerts_end(struct alerts *);
