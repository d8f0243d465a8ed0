/* service.c - see service.h. */
#include "service.h"
#include "environ.h"
#include "listen.h"
#include "proxy.h"
#include "record.h"

#include "../base/print.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* sd_watchdog_enabled(3): meant for us only when no other process is named. */
static int plan_watchdog(const struct request *rq, struct plan *plan, struct err *e)
{
	const char *usec = environ_get(rq->environ, "WATCHDOG_USEC"), *pid = environ_get(rq->environ, "WATCHDOG_PID");
	uint64_t whose = 0;

	if (!usec || rq->running)
		return 0;
	if (pid && !environ_number(pid, INT32_MAX, &whose))
		return err_set(e, ERR_USAGE, 0, "unset it, or set WatchdogSec= in the unit", "WATCHDOG_PID is no process id");
	if (pid && whose != (uint64_t)getpid())
		return 0;
	if (!environ_number(usec, UINT64_MAX, &plan->watchdog) || plan->watchdog == 0)
		return err_set(e, ERR_USAGE, 0, "unset it, or set WatchdogSec= in the unit", "WATCHDOG_USEC is no number of microseconds");
	return 0;
}

int service_plan(const struct policy *p, const struct request *rq, struct plan *plan, struct arena *a, struct err *e)
{
	const struct healthcheck_policy *health = &p->healthcheck;

	/* A program that joins is no part of the service. */
	plan->ready = rq->joins ? NOTIFY_LAUNCHED : (enum notify_who)p->notify;
	plan->notify = plan->ready == NOTIFY_WORKLOAD;
	if (health->tcp && health->exec.n) {
		err_set(e, ERR_POLICY, 0, "a program can try the port as well", "one of exec and tcp, not both");
		return err_at(e, "/healthcheck");
	}
	if (p->alerts.restarts && !*p->name && !rq->running) {
		err_set(e, ERR_POLICY, 0, "give it one: --name, or name in the policy", "without a name each launch has one of its own, and none is launched again");
		return err_at(e, "/alerts/restarts");
	}
	if (!rq->joins && (p->alerts.cpu_throttled || p->alerts.memory_pressure || p->alerts.pids))
		plan->alerts = &p->alerts;
	plan->healthcheck = health->tcp || health->exec.n ? health : NULL;
	if (plan->ready == NOTIFY_HEALTHY && !plan->healthcheck) {
		err_set(e, ERR_POLICY, 0, "set healthcheck.exec or healthcheck.tcp", "nobody asks whether it is healthy");
		return err_at(e, "/notify");
	}
	if (plan_watchdog(rq, plan, e) < 0)
		return err_step(e, "notify");
	if (listen_plan(p, rq, plan, a, e) < 0)
		return -1;
	/* The first process of its namespace, or the first below PID 1; verified before it is executed. */
	if ((plan->notify && plan->watchdog) || plan->preserve_fds)
		plan->promised_pid = p->init ? 2 : 1;
	return 0;
}

size_t service_envp(const struct plan *plan, struct arena *a, const char **envp, size_t n)
{
	if (plan->notify)
		envp[n++] = "NOTIFY_SOCKET=" NOTIFY_PATH;
	if (plan->notify && plan->watchdog) {
		envp[n++] = arena_printf(a, "WATCHDOG_USEC=%llu", (unsigned long long)plan->watchdog);
		envp[n++] = arena_printf(a, "WATCHDOG_PID=%d", plan->promised_pid);
	}
	if (plan->preserve_fds) {
		envp[n++] = arena_printf(a, "LISTEN_PID=%d", plan->promised_pid);
		envp[n++] = arena_printf(a, "LISTEN_FDS=%u", plan->preserve_fds);
		envp[n] = "LISTEN_FDNAMES=";
		for (unsigned i = 0; envp[n] && i < plan->preserve_fds; i++)
			envp[n] = arena_printf(a, "%s%s%s", envp[n], i ? ":" : "", plan->socket_names[i]);
		n++;
	}
	return n;
}

/* --- the watchdog --- */

/* Half of what the manager waits, as sd_watchdog_enabled(3) advises. */
static uint64_t watchdog_interval(const struct plan *plan)
{
	return plan->watchdog / 2000 ? plan->watchdog / 2000 : 1;
}

static void keep_alive(void *ctx, short revents)
{
	struct service *s = ctx;

	(void)revents;
	/* No room: the manager is slow, and the next one is on time as well. */
	if (s->health.state.now != HEALTH_UNHEALTHY)
		(void)!notify_pass(s->manager, "WATCHDOG=1", strlen("WATCHDOG=1"));
	s->watchdog.due = loop_now() + watchdog_interval(s->launch->plan);
}

/* --- health --- */

static void say_ready(struct service *s, const char *status)
{
	notify_send(s->manager, "%sSTATUS=container %s %s", s->ready ? "" : "READY=1\n", s->launch->plan->name, status);
	s->ready = true;
}

static void write_event(const struct service *s, const char *kind, const char *what, const char *message)
{
	json_auto_t *event = record_event(kind, s->launch->plan->name, s->caller);
	struct err e = { 0 };

	if (what)
		json_object_set_new(event, "alert", json_string(what));
	json_object_set_new(event, "message", record_text(message));
	if (audit_write(s->audit, event, &e) < 0)
		err_print(&e, NULL);	/* the service goes on: what happened to it happened */
}

static void health_changed(void *ctx, enum health now, const char *why)
{
	struct service *s = ctx;

	if (s->proxy)
		proxy_unhealthy(s->proxy, now == HEALTH_UNHEALTHY);
	if (now == HEALTH_UNHEALTHY)
		notify_send(s->manager, "STATUS=container %s is unhealthy: %s", s->launch->plan->name, why);
	else if (s->launch->plan->ready != NOTIFY_WORKLOAD)
		say_ready(s, "is healthy");
	write_event(s, health_name(now), NULL, why);
}

/* It may quote the workload, for whom a newline would be the end of STATUS= and the beginning of READY=1. */
void service_alert(const struct service *s, const char *what, const char *message)
{
	char text[768] = "";
	FILE *f = fmemopen(text, sizeof(text) - 1, "w");

	if (f) {
		print_escaped(f, message);
		fclose(f);
	}
	notify_send(s->manager, "STATUS=container %s: %s", s->launch->plan->name, text);
	write_event(s, "alert", what, text);
}

static void alert(void *ctx, const char *what, const char *message)
{
	service_alert(ctx, what, message);
}

/* --- from launch to end --- */

int service_begin(struct service *s, const struct launch *l, int dir, struct loop *loop, struct err *e)
{
	const struct plan *p = l->plan;

	s->launch = l;
	if (p->notify && proxy_open(&s->proxy, l, s->manager, loop, e) < 0)
		return -1;
	s->health.changed = health_changed;
	s->health.ctx = s;
	if (p->healthcheck && health_begin(&s->health, l, dir, loop, e) < 0)
		return -1;
	s->alerts.tell = alert;
	s->alerts.ctx = s;
	if (p->alerts && alerts_begin(&s->alerts, l, loop, e) < 0)
		return -1;
	/* A workload that speaks for itself is watched itself. */
	if (!p->watchdog || p->notify)
		return 0;
	s->watchdog = (struct watch){ .fd = -1, .due = loop_now(), .happened = keep_alive, .ctx = s };
	return loop_add(loop, &s->watchdog, e);
}

void service_launched(struct service *s)
{
	const struct launch *l = s->launch;
	char more[64] = "";

	s->ready = l->plan->ready == NOTIFY_LAUNCHED;
	if (l->plan->ready == NOTIFY_HEALTHY)	/* or the manager's own patience, 90 s mostly, would end what the policy still has */
		snprintf(more, sizeof(more), "EXTEND_TIMEOUT_USEC=%llu\n", (unsigned long long)health_verdict_usec(l->plan->healthcheck));
	notify_send(s->manager, "%s%sMAINPID=%d\nSTATUS=container %s runs, pid %d", s->ready ? "READY=1\n" : "", more, getpid(), l->plan->name,
		    l->workload);
}

void service_end(struct service *s)
{
	health_end(&s->health);
	alerts_end(&s->alerts);
	free(s->proxy);
	s->proxy = NULL;
}
