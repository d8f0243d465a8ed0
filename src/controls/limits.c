/* limits.c - what the container may use of memory, CPU time, processes and disks.
 *
 * The policy's numbers become limits of the plan here, each the text of one file; how such a file is
 * written and read back is limits_file.c's. Verify looks at the files of whatever cgroup a process is really in. */
#include "limits.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

enum {
	PERIOD = 100000,	/* us: the kernel's default, and what every runtime uses */
	MEMORY_MIN = 4 << 20,	/* less, and the launcher's own child may be killed on its way to exec */
};

/* --- the policy's, as text --- */

static void memory_text(const struct limits_policy *l, char text[LIMIT_TEXT])
{
	limit_bytes(l->memory, text);
}

static void high_text(const struct limits_policy *l, char text[LIMIT_TEXT])
{
	limit_bytes(l->memory_high ? l->memory_high : UINT64_MAX, text);
}

static void swap_text(const struct limits_policy *l, char text[LIMIT_TEXT])
{
	limit_bytes(l->swap, text);
}

static void oom_group_text(const struct limits_policy *l, char text[LIMIT_TEXT])
{
	snprintf(text, LIMIT_TEXT, "%d", l->oom_group);
}

static void cpus_text(const struct limits_policy *l, char text[LIMIT_TEXT])
{
	snprintf(text, LIMIT_TEXT, "%" PRIu64 " %d", l->cpus / (1000000 / PERIOD), PERIOD);
}

static void weight_text(const struct limits_policy *l, char text[LIMIT_TEXT])
{
	snprintf(text, LIMIT_TEXT, "%" PRIu64, l->cpu_weight);
}

static void pids_text(const struct limits_policy *l, char text[LIMIT_TEXT])
{
	snprintf(text, LIMIT_TEXT, "%" PRIu64, l->pids);
}

static void cpuset_text(const struct limits_policy *l, char text[LIMIT_TEXT])
{
	snprintf(text, LIMIT_TEXT, "%s", l->cpuset);
}

static bool has_cpuset(const struct limits_policy *l)
{
	return l->cpuset[0];
}

/* The first file of a control is its value in reports, and the one that a cgroup above may undercut. */
static const struct knob {
	enum control_id control;
	const char *file, *pointer;
	void (*text)(const struct limits_policy *, char[LIMIT_TEXT]);
	enum limit_form form;
	bool (*given)(const struct limits_policy *);	/* NULL: always */
} knobs[] = {
	{ CONTROL_memory, "memory.max", "/limits/memory", memory_text },
	{ CONTROL_memory, "memory.high", "/limits/memory_high", high_text },
	{ CONTROL_memory, "memory.swap.max", "/limits/swap", swap_text },
	{ CONTROL_memory, "memory.oom.group", "/limits/oom_group", oom_group_text },
	{ CONTROL_cpus, "cpu.max", "/limits/cpus", cpus_text },
	{ CONTROL_cpus, "cpu.weight", "/limits/cpu_weight", weight_text },
	{ CONTROL_pids, "pids.max", "/limits/pids", pids_text },
	{ CONTROL_cpuset, "cpuset.cpus", "/limits/cpuset", cpuset_text, LIMIT_SET, has_cpuset },
};

static const char *rate(char text[24], uint64_t n)
{
	snprintf(text, 24, n ? "%" PRIu64 : "max", n);
	return text;
}

static bool add_io(const struct io_limit *io, size_t i, struct limit *limit, struct arena *a)
{
	char r[24], w[24], ri[24], wi[24];

	*limit = (struct limit){
		.file = "io.max", .control = CONTROL_io, .form = LIMIT_LINE, .disk = io->path, .pointer = arena_printf(a, "/limits/io/%zu", i),
		.text = arena_printf(a, "rbps=%s wbps=%s riops=%s wiops=%s", rate(r, io->rbps), rate(w, io->wbps), rate(ri, io->riops),
				     rate(wi, io->wiops)),
	};
	return limit->text && limit->pointer;
}

static int prepare(const struct policy *p, struct plan *plan, struct arena *a, struct err *e)
{
	const struct limits_policy *from = &p->limits;
	struct limit *limits = arena_alloc(a, (COUNT(knobs) + from->n_io) * sizeof(*limits));
	bool ok = limits;

	for (size_t i = 0; ok && i < COUNT(knobs); i++) {
		char text[LIMIT_TEXT];

		if (waived(plan, knobs[i].control) || (knobs[i].given && !knobs[i].given(from)))
			continue;
		knobs[i].text(from, text);
		limits[plan->n_limits] = (struct limit){ .file = knobs[i].file, .pointer = knobs[i].pointer, .control = knobs[i].control,
							 .form = knobs[i].form, .text = arena_strndup(a, text, strlen(text)) };
		ok = limits[plan->n_limits++].text;
	}
	for (size_t i = 0; ok && i < from->n_io && !waived(plan, CONTROL_io); i++)
		ok = add_io(&from->io[i], i, &limits[plan->n_limits++], a);
	plan->limits = limits;
	return ok ? 0 : err_set(e, ERR_HOST, ENOMEM, NULL, "the policy is too large to plan");
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
	char name[CGROUP2_PATH_MAX + 64] = "", text[LIMIT_TEXT], least[LIMIT_TEXT] = "";
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
	for (size_t i = 0; i < l->plan->n_limits; i++)
		if (limit_write(l->sys, l->cgroup, &l->plan->limits[i], e) < 0)
			return -1;
	return 0;
}

static bool is_asked_for(const struct plan *p, enum control_id id)
{
	for (size_t i = 0; i < p->n_limits; i++)
		if (p->limits[i].control == id)
			return true;
	return false;
}

/* One control's files in a cgroup: DIR, which is PATH below the mount. */
static int verify_in(const struct sys *k, int dir, const char *path, const struct plan *p, enum control_id id,
		     char value[VALUE_MAX], struct err *e)
{
	const struct limit *first = NULL;

	for (size_t i = 0; i < p->n_limits; i++) {
		char got[LIMIT_TEXT] = "";

		if (p->limits[i].control != id)
			continue;
		if (limit_verify(k, dir, &p->limits[i], got, e) < 0)
			return -1;
		if (!first)
			snprintf(value, VALUE_MAX, "%.*s", VALUE_MAX - 1, got);
		first = first ? first : &p->limits[i];
	}
	if (first && first->form == LIMIT_WHOLE)
		note_smaller(k, dir, path, first->file, value);
	return 0;
}

int limits_verify(struct launch *l, struct err *e)
{
	char scratch[VALUE_MAX];

	for (unsigned id = 0; id <= CONTROL_COUNT; id++) {
		char *value = l->value && id < CONTROL_COUNT ? l->value[id] : scratch;

		if (is_asked_for(l->plan, (enum control_id)id) &&
		    verify_in(l->sys, l->cgroup, l->cgroup_path, l->plan, (enum control_id)id, value, e) < 0)
			return id < CONTROL_COUNT ? err_step(e, control_name((enum control_id)id)) : -1;
	}
	return 0;
}

/* --- of any process --- */

static int verify(enum control_id id, const struct plan *p, struct target *t, char value[VALUE_MAX], struct err *e)
{
	char path[CGROUP2_PATH_MAX];
	int dir, r;

	if (!is_asked_for(p, id)) {
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
