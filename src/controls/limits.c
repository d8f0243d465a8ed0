/* limits.c - what the container may use of memory, CPU time, processes and disks.
 *
 * Each limit is rendered once, in the very form in which the kernel will print it (sizes rounded
 * down to pages, cpu.max with its period): written as that text by apply, and compared with that
 * text by verify, which looks at the files of whatever cgroup a process is really in. */
#include "limits.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

enum {
	TEXT_MAX = 128,
	PERIOD = 100000,	/* us: the kernel's default, and what every runtime uses */
	MEMORY_MIN = 4 << 20,	/* less, and the launcher's own child may be killed on its way to exec */
};

/* --- one number in one file --- */

static void bytes_text(uint64_t bytes, char text[TEXT_MAX])
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	if (bytes / page >= (uint64_t)INT64_MAX / page)		/* PAGE_COUNTER_MAX */
		snprintf(text, TEXT_MAX, "max");
	else
		snprintf(text, TEXT_MAX, "%" PRIu64, bytes - bytes % page);
}

static void memory_text(const struct limits_policy *l, char text[TEXT_MAX])
{
	bytes_text(l->memory, text);
}

static void high_text(const struct limits_policy *l, char text[TEXT_MAX])
{
	bytes_text(l->memory_high ? l->memory_high : UINT64_MAX, text);
}

static void swap_text(const struct limits_policy *l, char text[TEXT_MAX])
{
	bytes_text(l->swap, text);
}

static void oom_group_text(const struct limits_policy *l, char text[TEXT_MAX])
{
	snprintf(text, TEXT_MAX, "%d", l->oom_group);
}

static void cpus_text(const struct limits_policy *l, char text[TEXT_MAX])
{
	snprintf(text, TEXT_MAX, "%" PRIu64 " %d", l->cpus / (1000000 / PERIOD), PERIOD);
}

static void weight_text(const struct limits_policy *l, char text[TEXT_MAX])
{
	snprintf(text, TEXT_MAX, "%" PRIu64, l->cpu_weight);
}

static void pids_text(const struct limits_policy *l, char text[TEXT_MAX])
{
	snprintf(text, TEXT_MAX, "%" PRIu64, l->pids);
}

/* The first file of a control is its value in reports, and the one that a cgroup above may undercut. */
static const struct knob {
	enum control_id control;
	const char *file, *pointer;
	void (*text)(const struct limits_policy *, char[TEXT_MAX]);
} knobs[] = {
	{ CONTROL_memory, "memory.max", "/limits/memory", memory_text },
	{ CONTROL_memory, "memory.high", "/limits/memory_high", high_text },
	{ CONTROL_memory, "memory.swap.max", "/limits/swap", swap_text },
	{ CONTROL_memory, "memory.oom.group", "/limits/oom_group", oom_group_text },
	{ CONTROL_cpus, "cpu.max", "/limits/cpus", cpus_text },
	{ CONTROL_cpus, "cpu.weight", "/limits/cpu_weight", weight_text },
	{ CONTROL_pids, "pids.max", "/limits/pids", pids_text },
};

/* A kernel that cannot swap at all needs no limit. One that can, but does not count it
 * (swapaccount=0), could be given swap space at any time: that is a limit which does not hold. */
static bool cannot_swap(const struct sys *k, const struct knob *knob, int r)
{
	struct statx st;

	return r == -ENOENT && strcmp(knob->file, "memory.swap.max") == 0 &&
	       sys_statx(k, AT_FDCWD, "/proc/swaps", 0, 0, &st) == -ENOENT;
}

int limit_refused(struct err *e, const char *pointer, int r, const char *file, const char *text)
{
	const char *hint = NULL;

	if (r == -ENOENT)
		hint = strcmp(file, "memory.swap.max") == 0 ? "boot without swapaccount=0, or --without limits.memory" :
			"this kernel is built without it";
	else if (r == -ERANGE || r == -EINVAL)
		hint = "more than this host has";
	err_set(e, ERR_HOST, r, hint, "cannot set %s to '%s'", file, text);
	return err_at(e, "%s", pointer);
}

int limit_differs(struct err *e, const char *pointer, const char *file, const char *got, const char *want)
{
	err_set(e, ERR_LAUNCH, 0, NULL, "%s is '%s', not '%s'", file, got, want);
	return err_at(e, "%s", pointer);
}

int limit_read(const struct sys *k, int dir, const char *file, char *text, size_t size)
{
	ssize_t n = sys_read_file(k, dir, file, text, size);

	if (n > 0 && text[n - 1] == '\n')
		text[n - 1] = '\0';
	return n < 0 ? (int)n : 0;
}

int limit_unreadable(struct err *e, const char *pointer, int r, const char *file)
{
	err_set(e, ERR_LAUNCH, r, NULL, "cannot read %s back", file);
	return err_at(e, "%s", pointer);
}

static int apply_knob(const struct launch *l, const struct knob *knob, struct err *e)
{
	char text[TEXT_MAX];
	int r;

	knob->text(&l->plan->limits, text);
	r = sys_write_file(l->sys, l->cgroup, knob->file, text);
	if (r >= 0 || cannot_swap(l->sys, knob, r))
		return 0;
	return limit_refused(e, knob->pointer, r, knob->file, text);
}

static int verify_knob(const struct sys *k, int dir, const struct plan *p, const struct knob *knob,
		       char got[TEXT_MAX], struct err *e)
{
	char want[TEXT_MAX];
	int r = limit_read(k, dir, knob->file, got, TEXT_MAX);

	knob->text(&p->limits, want);
	if (r < 0 && cannot_swap(k, knob, r))
		return 0;
	if (r < 0)
		return limit_unreadable(e, knob->pointer, r, knob->file);
	return strcmp(got, want) == 0 ? 0 : limit_differs(e, knob->pointer, knob->file, got, want);
}

/* --- limits of the cgroups above --- */

/* "max", "256", or a quota and its period as millionths. */
static uint64_t amount(const char *text)
{
	uint64_t a, b;
	int n = sscanf(text, "%" SCNu64 " %" SCNu64, &a, &b);

	if (n < 1)
		return UINT64_MAX;
	return n == 2 && b ? (uint64_t)((double)a * 1e6 / (double)b) : a;
}

/* Every level counts, so the smallest limit on the way up is the one that holds. Where a
 * controller is not enabled there is no file, and no limit. */
static void note_smaller(const struct sys *k, int dir, const char *path, const char *file, char value[VALUE_MAX])
{
	char name[CGROUP2_PATH_MAX + 64] = "", text[TEXT_MAX], least[TEXT_MAX] = "";
	uint64_t smallest = amount(value);
	size_t len = strlen(path), where = 0;

	for (size_t up = 0; len && up + 4 < CGROUP2_PATH_MAX; up += 3) {
		while (len && path[--len] != '/')
			;
		snprintf(name + up, sizeof(name) - up, "../%s", file);
		if (limit_read(k, dir, name, text, sizeof(text)) < 0 || amount(text) >= smallest)
			continue;
		smallest = amount(text);
		where = len;
		snprintf(least, sizeof(least), "%s", text);
	}
	len = strlen(value);
	if (least[0])
		snprintf(value + len, VALUE_MAX - len, "; effective %s, by %.*s/", least, (int)where, path);
}

/* --- rows of the launch --- */

int limits_apply(struct launch *l, struct err *e)
{
	const struct plan *p = l->plan;

	for (size_t i = 0; i < COUNT(knobs); i++)
		if (p->limited & CONTROL_BIT(knobs[i].control) && apply_knob(l, &knobs[i], e) < 0)
			return -1;
	if (p->limited & CONTROL_BIT(CONTROL_cpuset) && cpuset_apply(l->sys, l->cgroup, &p->limits, e) < 0)
		return -1;
	if (p->limited & CONTROL_BIT(CONTROL_io) && io_apply(l->sys, l->cgroup, &p->limits, e) < 0)
		return -1;
	return 0;
}

/* One control's files in a cgroup: DIR, which is PATH below the mount. */
static int verify_in(const struct sys *k, int dir, const char *path, const struct plan *p, enum control_id id,
		     char value[VALUE_MAX], struct err *e)
{
	const char *main_file = NULL;

	if (id == CONTROL_cpuset)
		return cpuset_verify(k, dir, &p->limits, value, e);
	if (id == CONTROL_io)
		return io_verify(k, dir, &p->limits, value, e);
	for (size_t i = 0; i < COUNT(knobs); i++) {
		char got[TEXT_MAX] = "";

		if (knobs[i].control != id)
			continue;
		if (verify_knob(k, dir, p, &knobs[i], got, e) < 0)
			return -1;
		if (!main_file)
			snprintf(value, VALUE_MAX, "%s", got);
		main_file = main_file ? main_file : knobs[i].file;
	}
	note_smaller(k, dir, path, main_file, value);
	return 0;
}

static const enum control_id limits[] = { CONTROL_memory, CONTROL_cpus, CONTROL_pids, CONTROL_cpuset, CONTROL_io };

int limits_verify(struct launch *l, struct err *e)
{
	char scratch[VALUE_MAX];

	for (size_t i = 0; i < COUNT(limits); i++) {
		char *value = l->value ? l->value[limits[i]] : scratch;

		if (l->plan->limited & CONTROL_BIT(limits[i]) &&
		    verify_in(l->sys, l->cgroup, l->cgroup_path, l->plan, limits[i], value, e) < 0)
			return err_step(e, control_name(limits[i]));
	}
	return 0;
}

/* --- of any process --- */

static int verify(enum control_id id, const struct plan *p, struct target *t, char value[VALUE_MAX], struct err *e)
{
	char path[CGROUP2_PATH_MAX];
	int dir, r;

	if (!(p->limited & CONTROL_BIT(id))) {
		snprintf(value, VALUE_MAX, "not asked for");
		return 0;
	}
	dir = cgroup2_open_of(t->sys, t->proc, path);
	if (dir < 0)
		return err_set(e, ERR_LAUNCH, dir, NULL, "cannot find the cgroup of the process");
	if (t->launch && strcmp(path, t->launch->cgroup_path) != 0)
		r = err_set(e, ERR_LAUNCH, 0, NULL, "the process is in the cgroup %.80s, not in %.80s", path,
			    t->launch->cgroup_path);
	else
		r = verify_in(t->sys, dir, path, p, id, value, e);
	(void)!sys_close(t->sys, dir);
	return r;
}

static void probe(const struct sys *k, const char *controller, const char *name, struct ability *a)
{
	struct cgroup2_place at;
	struct err e = { 0 };
	const char *why;

	if (cgroup2_find(k, geteuid() == 0, &at, &e) < 0) {
		snprintf(a->detail, sizeof(a->detail), "%.*s", VALUE_MAX - 1, e.msg);
		snprintf(a->hint, sizeof(a->hint), "%.*s", VALUE_MAX - 1, e.hint);
		return;
	}
	why = cgroup2_missing(k, &at, controller);
	(void)!sys_close(k, at.dir);
	a->usable = !why;
	if (a->usable) {
		snprintf(a->detail, sizeof(a->detail), "below %.100s/casemate, %s", at.path,
			 at.situation == CGROUP2_DELEGATED ? "delegated to us" : "as root");
		return;
	}
	snprintf(a->detail, sizeof(a->detail), "%s", why);
	snprintf(a->hint, sizeof(a->hint), "%s; or --without %s", at.situation == CGROUP2_DELEGATED ?
		 "Delegate=yes in the unit" : "boot with cgroup v2 only", name);
}

/* --- the controls --- */

static int prepare(const struct policy *p, struct plan *plan, struct arena *a, struct err *e)
{
	(void)a;
	(void)e;
	plan->limits = p->limits;
	plan->limited = CONTROL_BIT(CONTROL_memory) | CONTROL_BIT(CONTROL_cpus) | CONTROL_BIT(CONTROL_pids);
	if (p->limits.cpuset[0])
		plan->limited |= CONTROL_BIT(CONTROL_cpuset);
	if (p->limits.n_io)
		plan->limited |= CONTROL_BIT(CONTROL_io);
	plan->limited &= ~plan->without;
	return 0;
}

static void check_memory(const struct policy *p, const struct findings *f)
{
	if (p->limits.memory < MEMORY_MIN)
		report(f, "memory.tiny", SEV_ERROR, "/limits/memory", "less than any program can be started with", "4M or more");
	if (p->limits.memory_high >= p->limits.memory)
		report(f, "memory.high", SEV_WARNING, "/limits/memory_high", "never reached: limits.memory is not larger", NULL);
	if (p->limits.swap)
		report(f, "memory.swap", SEV_WARNING, "/limits/swap", "the workload's memory may be written to disk", NULL);
}

static void check_pids(const struct policy *p, const struct findings *f)
{
	if (p->init && p->limits.pids < 2)
		report(f, "pids.tiny", SEV_ERROR, "/limits/pids", "leaves no process for the workload", "2 or more; init is one");
}

static void check_io(const struct policy *p, const struct findings *f)
{
	for (size_t i = 0; i < p->limits.n_io; i++) {
		const struct io_limit *io = &p->limits.io[i];
		char pointer[64];

		snprintf(pointer, sizeof(pointer), "/limits/io/%zu", i);
		if (!io->rbps && !io->wbps && !io->riops && !io->wiops)
			report(f, "io.nothing", SEV_ERROR, pointer, "limits nothing", "give rbps, wbps, riops or wiops");
	}
}

#define LIMIT(id, controller, what, ...) \
	static int verify_##id(const struct plan *p, struct target *t, char value[VALUE_MAX], struct err *e) \
	{ \
		return verify(CONTROL_##id, p, t, value, e); \
	} \
	static void probe_##id(const struct sys *k, struct ability *a) \
	{ \
		probe(k, controller, control_name(CONTROL_##id), a); \
	} \
	const struct control control_##id = { .protects = what, .late = true, \
					      .verify = verify_##id, .probe = probe_##id, ##__VA_ARGS__ }

/* late: the container sees only the root of its own cgroup namespace, and has no business there. */
LIMIT(memory, "memory", "taking the host's memory", .check = check_memory, .prepare = prepare);
LIMIT(cpus, "cpu", "taking the host's CPU time");
LIMIT(pids, "pids", "fork bombs", .check = check_pids);
LIMIT(cpuset, "cpuset", "running on CPUs that are kept for others");
LIMIT(io, "io", "taking the disk's bandwidth", .check = check_io);
