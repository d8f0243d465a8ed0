/* proxy.h - the workload's word to the service manager: heard from its socket, judged, and said again as ours. */
#pragma once
#include "../controls/control.h"
#include "loop.h"
#include "notify.h"

struct proxy;

/* Its keep-alives do not go on while it is. */
void proxy_unhealthy(struct proxy *, bool);

/* malloc'd, for free(), when nothing is watched any more. */
must_check int proxy_open(struct proxy **ret, const struct launch *, const struct notify *manager, struct loop *, struct err *);
