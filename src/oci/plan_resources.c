/* plan_resources.c - linux.resources: what the container's cgroup limits.
 *
 * The specification's fields are those of cgroup v1; here is what each becomes in v2, as runc and crun have it, since
 * engines and their users count on the numbers. What v2 has no word for is an error, as the specification wants it. `unified` comes
 * last and as it is: it overrides. */
#include "resources.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { ENTRIES_MAX = 256, PERIOD = 100000 };

int resource_wrong(struct filling *f, const char *pointer, const char *hint, const char *what)
{
	err_set(f->e, ERR_POLICY, 0, hint, "%s", what);
	return err_at(f->e, "/linux/resources/%s", pointer);
}

/* A later value for the same file replaces the earlier, unless the file has many lines. */
static struct limit *place(struct filling *f, const char *file, enum limit_form form)
{
	for (size_t i = 0; i < f->n && form != LIMIT_LINE; i++)
		if (strcmp(f->limits[i].file, file) == 0)
			return &f->limits[i];
	return f->n < ENTRIES_MAX ? &f->limits[f->n++] : NULL;
}

int resource_add(struct filling *f, const char *pointer, enum limit_form form, const char *file, const char *text)
{
	struct limit *l = place(f, file, form);

	if (!l)
		return resource_wrong(f, pointer, NULL, "too many limits");
	*l = (struct limit){ .file = arena_strndup(f->arena, file, strlen(file)), .text = arena_strndup(f->arena, text, strlen(text)),
			     .pointer = arena_printf(f->arena, "/linux/resources/%s", pointer), .control = CONTROL_COUNT, .form = form };
	return l->file && l->text && l->pointer ? 0 : spec_no_memory(f->e);
}

int resource_or_else(struct filling *f, const char *file, const char *text)
{
	struct limit *other = arena_alloc(f->arena, sizeof(*other));

	if (!other)
		return spec_no_memory(f->e);
	*other = f->limits[f->n - 1];
	other->file = file;
	other->text = arena_strndup(f->arena, text, strlen(text));
	f->limits[f->n - 1].otherwise = other;
	return other->text ? 0 : spec_no_memory(f->e);
}

int resource_number(struct filling *f, const json_t *o, const char *group, const char *name, int64_t *ret)
{
	*ret = 0;
	return spec_number(o, name, INT64_MIN, INT64_MAX, ret, f->e) < 0 ? err_at(f->e, "/linux/resources/%s/%s", group, name) : 0;
}

static int bytes(struct filling *f, const char *pointer, const char *file, int64_t n)
{
	char text[LIMIT_TEXT];

	limit_bytes(n < 0 ? UINT64_MAX : (uint64_t)n, text);
	return resource_add(f, pointer, LIMIT_WHOLE, file, text);
}

static int count(struct filling *f, const char *pointer, const char *file, int64_t n)
{
	char text[24] = "max";

	if (n >= 0)
		snprintf(text, sizeof(text), "%" PRId64, n);
	return resource_add(f, pointer, LIMIT_WHOLE, file, text);
}

/* --- memory --- */

/* In v1 it is memory and swap together; in v2 swap alone. */
static int plan_swap(struct filling *f, int64_t limit, int64_t both)
{
	const char *pointer = "memory/swap";

	if (limit == -1 && both == 0)
		both = -1;
	if (both == 0)
		return 0;
	if (both < 0)
		return bytes(f, pointer, "memory.swap.max", -1);
	if (limit <= 0)
		return resource_wrong(f, pointer, "it counts memory and swap together", "a limit of swap wants one of memory");
	if (both < limit)
		return resource_wrong(f, pointer, "it counts memory and swap together", "less than the limit of memory");
	return bytes(f, pointer, "memory.swap.max", both - limit);
}

static int plan_memory(struct filling *f)
{
	const json_t *m = spec_get(f->spec, "/linux/resources/memory");
	int64_t limit, swap, low;

	if (resource_number(f, m, "memory", "limit", &limit) < 0 || resource_number(f, m, "memory", "swap", &swap) < 0 ||
	    resource_number(f, m, "memory", "reservation", &low) < 0)
		return -1;
	/* kernel and kernelTCP: nothing is to be expected of them (config-linux.md), and v2 counts both as memory anyway. */
	if ((limit && bytes(f, "memory/limit", "memory.max", limit) < 0) || plan_swap(f, limit, swap) < 0 ||
	    (low && bytes(f, "memory/reservation", "memory.low", low) < 0))
		return -1;
	return 0;
}

/* --- CPU --- */

/* 2..1024..262144 to 1..100..10000, monotonic and with the defaults at the same place: a curve through these three points in
 * logarithms, which crun and runc agreed on after the straight line had turned the default into 39. */
unsigned resource_weight(uint64_t shares)
{
	double l;

	if (shares <= 2)
		return 1;
	if (shares >= 262144)
		return 10000;
	l = log2((double)shares);
	return (unsigned)ceil(pow(10, (l * l + 125 * l) / 612.0 - 7.0 / 34.0));
}

static int plan_quota(struct filling *f, const json_t *cpu)
{
	int64_t quota, period, burst;
	char text[64];

	if (resource_number(f, cpu, "cpu", "quota", &quota) < 0 || resource_number(f, cpu, "cpu", "period", &period) < 0 || resource_number(f, cpu, "cpu", "burst", &burst) < 0)
		return -1;
	if (quota > 0)
		snprintf(text, sizeof(text), "%" PRId64 " %" PRId64, quota, period ? period : PERIOD);
	else
		snprintf(text, sizeof(text), "max %" PRId64, period ? period : PERIOD);
	if ((quota || period) && resource_add(f, quota ? "cpu/quota" : "cpu/period", LIMIT_WHOLE, "cpu.max", text) < 0)
		return -1;
	return spec_member(cpu, "burst") ? count(f, "cpu/burst", "cpu.max.burst", burst) : 0;
}

static int plan_cpu(struct filling *f)
{
	static const struct { const char *name, *pointer, *file; } sets[] = {
		{ "cpus", "cpu/cpus", "cpuset.cpus" }, { "mems", "cpu/mems", "cpuset.mems" },
	};
	const json_t *cpu = spec_get(f->spec, "/linux/resources/cpu");
	int64_t shares, idle;

	if (resource_number(f, cpu, "cpu", "shares", &shares) < 0 || resource_number(f, cpu, "cpu", "idle", &idle) < 0)
		return -1;
	if (shares < 0 || idle < 0 || idle > 1)
		return resource_wrong(f, idle ? "cpu/idle" : "cpu/shares", idle ? "0 or 1" : "2 to 262144", "out of range");
	if (spec_member(cpu, "idle") && count(f, "cpu/idle", "cpu.idle", idle) < 0)
		return -1;
	/* The kernel takes no weight for what only runs when nobody else wants to. */
	if (shares && !idle && count(f, "cpu/shares", "cpu.weight", resource_weight((uint64_t)shares)) < 0)
		return -1;
	if (plan_quota(f, cpu) < 0)
		return -1;
	for (size_t i = 0; i < COUNT(sets); i++) {
		const char *list = spec_text(cpu, sets[i].name);

		if (list && *list && resource_add(f, sets[i].pointer, LIMIT_SET, sets[i].file, list) < 0)
			return -1;
	}
	return 0;
}

/* --- the others --- */

static int plan_pids(struct filling *f)
{
	int64_t limit;

	if (resource_number(f, spec_get(f->spec, "/linux/resources/pids"), "pids", "limit", &limit) < 0)
		return -1;
	return limit ? count(f, "pids/limit", "pids.max", limit) : 0;
}

/* What v2 has no word for: "if the conversion is not possible the runtime MUST generate an error" (config-linux.md, "Unified"). */
static int plan_no_word(struct filling *f)
{
	static const struct { const char *pointer, *why, *hint; bool even_zero; } rows[] = {	/* zero and false ask for nothing, mostly */
		{ "memory/swappiness", "cgroup v2 has no swappiness of its own", "memory.swap, the same as memory.limit, keeps it from swapping", true },
		{ "memory/disableOOMKiller", "cgroup v2 always has an OOM killer", "leave it out", false },
		{ "cpu/realtimeRuntime", "cgroup v2 does not share out realtime", "leave it out", false },
		{ "cpu/realtimePeriod", "cgroup v2 does not share out realtime", "leave it out", false },
		{ "blockIO/leafWeight", "cgroup v2 has no processes beside child cgroups", "blockIO.weight is the cgroup's own", false },
		{ "network/classID", "cgroup v2 does not mark packets", "leave it out", false },
		{ "network/priorities", "cgroup v2 does not mark packets", "leave it out", false },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char pointer[64];
		const json_t *v;

		snprintf(pointer, sizeof(pointer), "/linux/resources/%s", rows[i].pointer);
		v = spec_get(f->spec, pointer);
		if (json_is_true(v) || json_integer_value(v) || json_array_size(v) || (v && rows[i].even_zero))
			return resource_wrong(f, rows[i].pointer, rows[i].hint, rows[i].why);
	}
	return 0;
}

/* resctrl(5) has a directory to be put into, and no machine that this could be tried on had the hardware: asked for and not
 * there is an error (config-linux.md, "IntelRdt"). */
static int plan_intel_rdt(struct filling *f)
{
	if (!spec_get(f->spec, "/linux/intelRdt"))
		return 0;
	err_set(f->e, ERR_POLICY, 0, "leave it out; linux.resources.cpu.cpus keeps CPUs apart", "cache and memory bandwidth are not partitioned here");
	return err_at(f->e, "/linux/intelRdt");
}

int oci_plan_resources(const struct oci_spec *s, struct plan *plan, struct arena *a, struct err *e)
{
	struct filling f = { .spec = s, .arena = a, .e = e, .limits = arena_alloc(a, ENTRIES_MAX * sizeof(*f.limits)) };
	static int (*const parts[])(struct filling *) = {
		plan_memory, plan_cpu, plan_pids, plan_block_io, plan_huge_pages, plan_rdma, plan_no_word, plan_intel_rdt, plan_unified,
	};

	if (!f.limits)
		return spec_no_memory(e);
	plan->without |= CONTROL_BIT(CONTROL_memory) | CONTROL_BIT(CONTROL_cpus) |
			 CONTROL_BIT(CONTROL_pids) | CONTROL_BIT(CONTROL_cpuset) | CONTROL_BIT(CONTROL_io);
	for (size_t i = 0; i < COUNT(parts); i++)
		if (parts[i](&f) < 0)
			return -1;
	plan->limits = f.limits;
	plan->n_limits = f.n;
	return oci_plan_cgroup(s, plan, a, e);
}
