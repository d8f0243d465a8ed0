/* alerts.c - see alerts.h. Memory pressure comes from the kernel itself (PSI triggers, Documentation/accounting/psi.rst); for the
 * other two there is nothing to wait on, so two small files are read every ten seconds. */
#include "alerts.h"
#include "../base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <string.h>

enum {
	SAMPLE_MS = 10 * 1000,
	SUSTAINED = 3,			/* samples: what lasts half a minute is no peak */
	WINDOW_US = 2 * 1000 * 1000,	/* whole multiples of this are all that who has no CAP_SYS_RESOURCE may ask for */
	QUIET_MS = 60 * 1000,
};

bool gauge_take(struct gauge *g, uint64_t value)
{
	if (!g->threshold)
		return false;
	g->over = value >= g->threshold ? g->over + (g->over < g->needed) : 0;
	if (g->over == 0)
		g->told = false;
	if (g->over < g->needed || g->told)
		return false;
	g->told = true;
	return true;
}

static void tell(const struct alerts *a, const char *what, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static void tell(const struct alerts *a, const char *what, const char *fmt, ...)
{
	char text[160];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	a->tell(a->ctx, what, text);
}

static bool read_text(const struct alerts *a, const char *file, char *text, size_t size)
{
	return sys_read_file(a->launch->sys, a->launch->cgroup, file, text, size) > 0;
}

static void sample_cpu(struct alerts *a, uint64_t now)
{
	uint64_t throttled, percent;
	char text[2048];

	if (!a->throttled.threshold || !read_text(a, "cpu.stat", text, sizeof(text)))
		return;
	throttled = cgroup2_value(text, "throttled_usec");
	/* With several CPUs each one's time counts: it may be more than there was. */
	percent = now > a->last_time ? (throttled - a->last_throttled) / 10 / (now - a->last_time) : 0;
	a->last_throttled = throttled;
	if (gauge_take(&a->throttled, percent))
		tell(a, "cpu_throttled", "held back by limits.cpus for %" PRIu64 " %% of the last %d s", percent, SAMPLE_MS / 1000);
}

static void sample_pids(struct alerts *a)
{
	uint64_t current, most;
	char text[64];

	if (!a->pids.threshold || !read_text(a, "pids.current", text, sizeof(text)))
		return;
	current = strtoull(text, NULL, 10);
	if (!read_text(a, "pids.max", text, sizeof(text)) || (most = strtoull(text, NULL, 10)) == 0)
		return;		/* "max": it was lifted */
	if (gauge_take(&a->pids, current * 100 / most))
		tell(a, "pids_near_limit", "%" PRIu64 " of %" PRIu64 " processes and threads", current, most);
}

static void sample(void *ctx, short revents)
{
	struct alerts *a = ctx;
	uint64_t now = loop_now();

	(void)revents;
	sample_cpu(a, now);
	sample_pids(a);
	a->last_time = now;
	a->samples.due = now + SAMPLE_MS;
}

static void pressed(void *ctx, short revents)
{
	struct alerts *a = ctx;
	uint64_t now = loop_now();

	if (revents & POLLERR)		/* the cgroup is being removed */
		close_fd(&a->pressure.fd);
	else if (now >= a->quiet_until) {
		a->quiet_until = now + QUIET_MS;
		tell(a, "memory_pressure", "some of it waited for memory for %" PRIu64 " %% of the time", a->launch->plan->alerts->memory_pressure);
	}
}

static int watch_pressure(struct alerts *a, struct loop *loop, struct err *e)
{
	uint64_t stall = a->launch->plan->alerts->memory_pressure * WINDOW_US / 100;
	char trigger[64];
	int fd = sys_open(a->launch->sys, a->launch->cgroup, "memory.pressure", O_RDWR | O_NONBLOCK), r = fd;

	snprintf(trigger, sizeof(trigger), "some %" PRIu64 " %d", stall, WINDOW_US);
	if (r >= 0)
		r = sys_write(a->launch->sys, fd, trigger, strlen(trigger) + 1);
	a->pressure = (struct watch){ .fd = fd, .events = POLLPRI, .due = NEVER, .happened = pressed, .ctx = a };
	if (r < 0) {
		err_set(e, ERR_HOST, r, r == -ENOENT || r == -EOPNOTSUPP ? "boot with psi=1, or leave it out" : NULL,
			"the kernel does not tell of memory pressure");
		return err_at(e, "/alerts/memory_pressure");
	}
	return loop_add(loop, &a->pressure, e);
}

int alerts_begin(struct alerts *a, const struct launch *l, struct loop *loop, struct err *e)
{
	const struct alerts_policy *p = l->plan->alerts;

	a->launch = l;
	a->pressure.fd = -1;
	if (l->cgroup < 0) {
		err_set(e, ERR_HOST, 0, "leave alerts out, or waive no limits", "without a cgroup there is nothing to see");
		return err_at(e, "/alerts");
	}
	a->throttled = (struct gauge){ .threshold = p->cpu_throttled, .needed = SUSTAINED };
	a->pids = (struct gauge){ .threshold = p->pids, .needed = 1 };
	a->last_time = loop_now();
	a->samples = (struct watch){ .fd = -1, .due = a->last_time + SAMPLE_MS, .happened = sample, .ctx = a };
	if (p->memory_pressure && watch_pressure(a, loop, e) < 0)
		return -1;
	return p->cpu_throttled || p->pids ? loop_add(loop, &a->samples, e) : 0;
}

void alerts_end(struct alerts *a)
{
	if (a->launch)
		close_fd(&a->pressure.fd);
	a->launch = NULL;
}
