/* rlimits.c - setrlimit(2) for every resource that the policy names: soft and hard limit alike, so
 * that the workload cannot raise them again.
 *
 * Raising a hard limit takes CAP_SYS_RESOURCE over the host, which nobody has in a user namespace: the
 * parent raises its own, the child inherits it and lowers it to what was asked. "unlimited" is as
 * much as the launcher may. */
#include "rlimits.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>

#define NO_KEY SIZE_MAX
#define UNLIMITED UINT64_MAX	/* RLIM64_INFINITY, and the policy's "unlimited" */

static const struct row {
	int resource;
	const char *name;	/* the policy's, below limits.rlimits */
	const char *label;	/* in /proc/PID/limits: fs/proc/base.c, lnames */
	size_t offset;
} rows[] = {
#define ROW(resource, name, label) { RLIMIT_##resource, #name, label, offsetof(struct rlimit_policy, name) }
	ROW(NOFILE, nofile, "Max open files"),
	ROW(NPROC, nproc, "Max processes"),
	ROW(CORE, core, "Max core file size"),
	ROW(FSIZE, fsize, "Max file size"),
	ROW(MEMLOCK, memlock, "Max locked memory"),
	ROW(STACK, stack, "Max stack size"),
	ROW(AS, as, "Max address space"),
	ROW(CPU, cpu, "Max cpu time"),
	ROW(MSGQUEUE, msgqueue, "Max msgqueue size"),
	ROW(SIGPENDING, sigpending, "Max pending signals"),
	ROW(RTPRIO, rtprio, "Max realtime priority"),
#undef ROW
	/* No key of a policy, but fields of other descriptions. */
	{ RLIMIT_DATA, "data", "Max data size", NO_KEY }, { RLIMIT_RSS, "rss", "Max resident set", NO_KEY },
	{ RLIMIT_LOCKS, "locks", "Max file locks", NO_KEY }, { RLIMIT_NICE, "nice", "Max nice priority", NO_KEY },
	{ RLIMIT_RTTIME, "rttime", "Max realtime timeout", NO_KEY },
};
enum { KEYS = COUNT(rows) - 5 };
_Static_assert(sizeof(struct rlimit_policy) == KEYS * sizeof(uint64_t), "a row for every member");
_Static_assert(COUNT(rows) == RLIM_NLIMITS, "a row for every resource of the kernel");

int rlimit_resource(const char *name, const char **ret)
{
	for (size_t i = 0; i < COUNT(rows); i++)
		if (strcasecmp(rows[i].name, name) == 0) {
			*ret = rows[i].name;
			return rows[i].resource;
		}
	return -1;
}

static int prepare(const struct policy *p, struct plan *plan, struct arena *a, struct err *e)
{
	struct plan_rlimit *v = arena_alloc(a, KEYS * sizeof(*v));

	if (!v)
		return err_set(e, ERR_HOST, ENOMEM, NULL, "cannot hold the resource limits");
	for (size_t i = 0; i < KEYS; i++) {
		uint64_t n = *(const uint64_t *)((const char *)&p->limits.rlimits + rows[i].offset);

		v[i] = (struct plan_rlimit){ rows[i].resource, rows[i].name, n, n, arena_printf(a, "/limits/rlimits/%s", rows[i].name) };
		if (!v[i].at)
			return err_set(e, ERR_HOST, ENOMEM, NULL, "cannot hold the limits");
	}
	plan->rlimits = v;
	plan->n_rlimits = KEYS;
	return 0;
}

int rlimits_raise(struct launch *l, struct err *e)
{
	for (size_t i = 0; i < l->plan->n_rlimits; i++) {
		const struct plan_rlimit *limit = &l->plan->rlimits[i];
		uint64_t now[2] = { 0, 0 };
		int r = sys_prlimit(l->sys, limit->resource, NULL, now);

		if (r < 0) {
			err_set(e, ERR_LAUNCH, r, NULL, "cannot read our own limit %s", limit->name);
			return err_at(e, "%s", limit->at);
		}
		if (now[1] >= limit->hard)
			continue;
		now[1] = limit->hard;
		(void)!sys_prlimit(l->sys, limit->resource, now, NULL);	/* refused: the child says so, or takes what there is */
	}
	return 0;
}

static int set_one(const struct sys *k, const struct plan_rlimit *limit)
{
	uint64_t set[2] = { limit->soft, limit->hard }, now[2] = { 0, 0 };
	int r = sys_prlimit(k, limit->resource, set, NULL);

	if (r != -EPERM || limit->hard != UNLIMITED)
		return r;
	r = sys_prlimit(k, limit->resource, NULL, now);
	if (r < 0)
		return r;
	set[1] = now[1];
	set[0] = limit->soft < now[1] ? limit->soft : now[1];
	return sys_prlimit(k, limit->resource, set, NULL);
}

int rlimits_apply(struct launch *l, struct err *e)
{
	for (size_t i = 0; i < l->plan->n_rlimits; i++) {
		const struct plan_rlimit *limit = &l->plan->rlimits[i];
		int r = set_one(l->sys, limit);

		if (r >= 0)
			continue;
		err_set(e, r == -EPERM ? ERR_HOST : ERR_LAUNCH, r,
			r == -EPERM ? "lower it, or raise the launcher's own hard limit (LimitNAME= of a unit, ulimit -H)" : NULL,
			"cannot set the limit %s to %" PRIu64, limit->name, limit->hard);
		return err_at(e, "%s", limit->at);
	}
	return 0;
}

/* --- reading back --- */

static uint64_t number(const char *text)
{
	return strcmp(text, "unlimited") == 0 ? UNLIMITED : strtoull(text, NULL, 10);
}

/* "Max open files            1024                 1024                 files     " */
static int find(const char *text, const char *label, uint64_t *soft, uint64_t *hard)
{
	char a[24], b[24];
	size_t n = strlen(label);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, label, n) != 0 || line[n] != ' ')
			continue;
		if (sscanf(line + n, "%23s %23s", a, b) != 2)
			return -1;
		*soft = number(a);
		*hard = number(b);
		return 0;
	}
	return -1;
}

/* Before exec both are exactly the plan's. Later the workload may have lowered its own. What
 * "unlimited" came to is the launcher's business: as much as there is. */
static bool fits(const struct target *t, const struct plan_rlimit *want, uint64_t soft, uint64_t hard)
{
	if (!t->inside)
		return soft <= want->hard && hard <= want->hard;
	return (want->hard == UNLIMITED || hard == want->hard) && soft == (want->soft < hard ? want->soft : hard);
}

static const char *label_of(int resource)
{
	size_t i = 0;

	while (i < COUNT(rows) - 1 && rows[i].resource != resource)
		i++;
	return rows[i].label;
}

static void say(char value[VALUE_MAX], const char *name, uint64_t n)
{
	size_t at = strlen(value);

	if (n == UNLIMITED)
		return;
	snprintf(value + at, VALUE_MAX - at, "%s%s %" PRIu64, at ? ", " : "", name, n);
}

static int verify(const struct plan *p, struct target *t, char value[VALUE_MAX], struct err *e)
{
	char text[4096];
	ssize_t n = sys_read_file(t->sys, t->proc, "limits", text, sizeof(text));

	value[0] = '\0';
	if (n < 0)
		return err_set(e, ERR_LAUNCH, (int)n, NULL, "cannot read the resource limits back");
	for (size_t i = 0; i < p->n_rlimits; i++) {
		const struct plan_rlimit *limit = &p->rlimits[i];
		uint64_t soft = 0, hard = 0;

		if (find(text, label_of(limit->resource), &soft, &hard) < 0)
			return err_set(e, ERR_LAUNCH, 0, NULL, "the kernel does not say what '%s' is", label_of(limit->resource));
		if (!fits(t, limit, soft, hard)) {
			err_set(e, ERR_LAUNCH, 0, NULL, "%s is %" PRIu64 " (hard %" PRIu64 "), not %" PRIu64 " (hard %" PRIu64 ")",
				limit->name, soft, hard, limit->soft, limit->hard);
			return err_at(e, "%s", limit->at);
		}
		say(value, limit->name, hard);
	}
	return 0;
}

static void probe(const struct sys *k, struct ability *a)
{
	uint64_t now[2] = { 0, 0 };

	a->usable = sys_prlimit(k, RLIMIT_NOFILE, NULL, now) >= 0;
	snprintf(a->detail, sizeof(a->detail), "prlimit; open files: at most %" PRIu64, now[1]);
}

static void check(const struct policy *p, const struct findings *f)
{
	if (p->limits.rlimits.core)
		report(f, "rlimits.core", SEV_WARNING, "/limits/rlimits/core",
			"a core dump holds the workload's secrets, and the host's handler may receive it", "0");
	if (p->limits.rlimits.rtprio)
		report(f, "rlimits.rtprio", SEV_WARNING, "/limits/rlimits/rtprio", "a real-time loop can keep a CPU to itself", "0");
}

const struct control control_rlimits = {
	.protects = "using up descriptors, locked memory and other things that no cgroup counts",
	.check = check, .prepare = prepare, .verify = verify, .probe = probe,
};
