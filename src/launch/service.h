/* service.h - what a supervisor does for a service beside waiting for it, where the policy or the service manager asks for it:
 * hears the workload's word to the manager, asks after its health, tells signs of trouble,
 * and keeps the manager's watchdog. */
#pragma once
#include "alerts.h"
#include "audit.h"
#include "health.h"
#include "loop.h"
#include "notify.h"
#include "plan.h"

enum { SERVICE_ENV_MAX = 6 };

/* The plan's part, from the policy and from what the manager put into our environment. */
must_check int service_plan(const struct policy *, const struct request *, struct plan *, struct arena *, struct err *);
/* What the workload's environment gets of it, behind the first n; how many there are then. */
size_t service_envp(const struct plan *, struct arena *, const char **envp, size_t n);

struct service {
	const struct launch *launch;
	const struct notify *manager;
	const struct audit *audit;
	json_t *caller;
	struct proxy *proxy;
	struct watch watchdog;
	struct health_watch health;
	struct alerts alerts;
	bool ready;		/* has been said */
};

/* Once the workload runs and before the supervisor is confined; `dir` is the container's state directory. What is known earlier
 * (manager, audit, caller) is in the struct already, the rest is zero. */
must_check int service_begin(struct service *, const struct launch *, int dir, struct loop *, struct err *);
/* A sign of trouble: to the audit trail, and to the manager as status. */
void service_alert(const struct service *, const char *what, const char *message);
/* The supervisor is confined: the first word to the manager. */
void service_launched(struct service *);
void service_end(struct service *);
