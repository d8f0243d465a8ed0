/* plan_sched.c - scheduler, I/O priority, OOM score, CPUs and personality of a config.json. */
#include "plan.h"

#include <sched.h>
#include <string.h>
#include <sys/personality.h>

struct word { const char *name; uint64_t value; };

static int look_up(const struct word *words, const char *name, uint64_t *ret)
{
	for (; words->name; words++)
		if (name && strcmp(words->name, name) == 0) {
			*ret = words->value;
			return 0;
		}
	return -1;
}

enum { ISO = 4 };	/* SCHED_ISO is reserved and was never built: the kernel says so itself */
static const struct word policies[] = {
	{ "SCHED_OTHER", SCHED_OTHER }, { "SCHED_FIFO", SCHED_FIFO }, { "SCHED_RR", SCHED_RR }, { "SCHED_BATCH", SCHED_BATCH },
	{ "SCHED_ISO", ISO }, { "SCHED_IDLE", SCHED_IDLE }, { "SCHED_DEADLINE", 6 }, { NULL, 0 },
};
static const struct word policy_flags[] = {	/* linux/sched.h */
	{ "SCHED_FLAG_RESET_ON_FORK", 0x01 }, { "SCHED_FLAG_RECLAIM", 0x02 }, { "SCHED_FLAG_DL_OVERRUN", 0x04 },
	{ "SCHED_FLAG_KEEP_POLICY", 0x08 }, { "SCHED_FLAG_KEEP_PARAMS", 0x10 }, { "SCHED_FLAG_UTIL_CLAMP_MIN", 0x20 },
	{ "SCHED_FLAG_UTIL_CLAMP_MAX", 0x40 }, { NULL, 0 },
};

static int plan_policy(const json_t *j, struct plan_sched *s, struct err *e)
{
	int64_t nice = 0, priority = 0, runtime = 0, deadline = 0, period = 0;
	uint64_t policy = 0, flag = 0, flags = 0;
	const json_t *name;
	size_t i;

	if (!j)
		return 0;
	if (look_up(policies, spec_text(j, "policy"), &policy) < 0)
		return err_set(e, ERR_POLICY, 0, "SCHED_OTHER, SCHED_FIFO, SCHED_RR, SCHED_BATCH, SCHED_IDLE or SCHED_DEADLINE",
			       "there is no scheduling policy '%.40s'", spec_text(j, "policy") ? spec_text(j, "policy") : "");
	json_array_foreach(spec_member(j, "flags"), i, name) {
		if (look_up(policy_flags, json_string_value(name), &flag) < 0)
			return err_set(e, ERR_POLICY, 0, NULL, "there is no scheduling flag '%.40s'", json_string_value(name));
		flags |= flag;
	}
	if (spec_number(j, "nice", -20, 19, &nice, e) < 0 || spec_number(j, "priority", 0, 99, &priority, e) < 0 ||
	    spec_number(j, "runtime", 0, INT64_MAX, &runtime, e) < 0 || spec_number(j, "deadline", 0, INT64_MAX, &deadline, e) < 0 ||
	    spec_number(j, "period", 0, INT64_MAX, &period, e) < 0)
		return -1;
	s->has_policy = true;
	s->policy = (struct sys_sched){
		.size = sizeof(s->policy), .policy = (uint32_t)policy, .flags = flags, .nice = (int32_t)nice, .priority = (uint32_t)priority,
		.runtime = (uint64_t)runtime, .deadline = (uint64_t)deadline, .period = (uint64_t)period,
	};
	return 0;
}

/* linux/ioprio.h: the class stands in front of 13 bits of data. */
static int plan_io(const json_t *j, struct plan_sched *s, struct err *e)
{
	static const struct word classes[] = {
		{ "IOPRIO_CLASS_RT", 1 }, { "IOPRIO_CLASS_BE", 2 }, { "IOPRIO_CLASS_IDLE", 3 }, { NULL, 0 },
	};
	int64_t priority = 0;
	uint64_t class = 0;

	if (!j)
		return 0;
	if (look_up(classes, spec_text(j, "class"), &class) < 0)
		return err_set(e, ERR_POLICY, 0, "IOPRIO_CLASS_RT, IOPRIO_CLASS_BE or IOPRIO_CLASS_IDLE", "there is no I/O class '%.40s'",
			       spec_text(j, "class") ? spec_text(j, "class") : "");
	if (spec_number(j, "priority", 0, 7, &priority, e) < 0)
		return -1;
	s->has_io = true;
	s->io = (int)(class << 13 | (uint64_t)priority);
	return 0;
}

static int plan_persona(const json_t *j, struct plan_sched *s, struct err *e)
{
	static const struct word domains[] = { { "LINUX", PER_LINUX }, { "LINUX32", PER_LINUX32 }, { NULL, 0 } };
	uint64_t domain = 0;

	if (!j)
		return 0;
	if (look_up(domains, spec_text(j, "domain"), &domain) < 0)
		return err_set(e, ERR_POLICY, 0, "LINUX or LINUX32", "there is no execution domain '%.40s'",
			       spec_text(j, "domain") ? spec_text(j, "domain") : "");
	if (json_array_size(spec_member(j, "flags")))
		return err_set(e, ERR_POLICY, 0, "leave them out", "the specification has no flags of a personality");
	s->has_persona = true;
	s->persona = (unsigned long)domain;
	return 0;
}

/* "0-3,7", as in cpuset(7), to bits. */
static int read_cpus(const char *list, uint64_t cpus[CPUS_MAX / 64])
{
	unsigned first, last;
	int used;

	for (; *list; list += *list == ',') {
		if (*list < '0' || *list > '9' || sscanf(list, "%4u%n", &first, &used) != 1)
			return -1;
		list += used;
		last = first;
		if (*list == '-') {
			if (list[1] < '0' || list[1] > '9' || sscanf(list + 1, "%4u%n", &last, &used) != 1)
				return -1;
			list += 1 + used;
		}
		if (last < first || last >= CPUS_MAX || (*list && *list != ',') || (*list == ',' && !list[1]))
			return -1;
		for (unsigned cpu = first; cpu <= last; cpu++)
			cpus[cpu / 64] |= UINT64_C(1) << cpu % 64;
	}
	return 0;
}

static int plan_cpus(const json_t *j, const char *name, const uint64_t **ret, struct arena *a, struct err *e)
{
	const char *list = spec_text(j, name);
	uint64_t *cpus;

	if (!list || !*list)
		return 0;
	cpus = arena_alloc(a, CPUS_MAX / 8);
	if (!cpus)
		return spec_no_memory(e);
	if (read_cpus(list, cpus) < 0) {
		err_set(e, ERR_POLICY, 0, "for example 0-3,7", "'%.60s' is no list of CPUs", list);
		return err_at(e, "/process/execCPUAffinity/%s", name);
	}
	*ret = cpus;
	return 0;
}

int oci_plan_sched(const struct oci_spec *s, struct plan *plan, struct arena *a, struct err *e)
{
	const json_t *process = spec_get(s, "/process"), *affinity = spec_member(process, "execCPUAffinity");
	int64_t score = INT64_MAX;

	if (spec_number(process, "oomScoreAdj", -1000, 1000, &score, e) < 0)
		return err_at(e, "/process/oomScoreAdj");
	plan->sched.has_score = score != INT64_MAX;
	plan->sched.score = plan->sched.has_score ? (int)score : 0;
	if (plan_policy(spec_member(process, "scheduler"), &plan->sched, e) < 0)
		return err_at(e, "/process/scheduler");
	if (plan_io(spec_member(process, "ioPriority"), &plan->sched, e) < 0)
		return err_at(e, "/process/ioPriority");
	if (plan_persona(spec_get(s, "/linux/personality"), &plan->sched, e) < 0)
		return err_at(e, "/linux/personality");
	if (!s->wish->exec)	/* only of a process that comes later: config.md */
		return 0;
	return plan_cpus(affinity, "initial", &plan->sched.cpus_before, a, e) < 0 ? -1 :
	       plan_cpus(affinity, "final", &plan->sched.cpus, a, e);
}
