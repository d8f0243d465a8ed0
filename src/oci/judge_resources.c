/* judge_resources.c - config.json against a bound: linux.resources.
 *
 * A limit can stand in two places, its own field and a file of the cgroup in "unified", and which counts is the
 * runtime's choice. So each that is there must keep to the bound, and the field must be there. */
#include "judging.h"
#include "resources.h"

#include "../policy/units.h"

#include <inttypes.h>
#include <string.h>

static json_t *resources_of(const struct judging *j)
{
	return member(member(j->config, "linux"), "resources");
}

/* linux.resources.PART, made. */
static json_t *part_at(struct judging *j, const char *part)
{
	return object_at(j, object_at(j, object_at(j, j->config, "linux"), "resources"), part);
}

/* A limit: 0, -1 and nothing at all are "unlimited". */
static uint64_t limit_of(const json_t *v)
{
	int64_t n = 0;

	return !integer_of(v, &n) || n <= 0 || n == INT64_MAX ? UINT64_MAX : (uint64_t)n;
}

static void lower(struct judging *j, const char *key, const char *part, const char *name, uint64_t most, const char *hint)
{
	json_t *object = member(resources_of(j), part);
	const uint64_t is = limit_of(member(object, name));

	if (is <= most)
		return;
	if (below(j, key, place("/linux/resources/%s/%s", part, name), hint, is == UINT64_MAX ? "is unlimited, and %" PRIu64 " is the most" :
		  "is more than %" PRIu64, most))
		put(j, part_at(j, part), name, json_integer((json_int_t)most));
}

/* A file of the cgroup, where it is written at all. */
static void lower_file(struct judging *j, const char *key, const char *file, uint64_t most, const char *hint)
{
	const char *text = json_string_value(member(member(resources_of(j), "unified"), file));
	char value[24];
	uint64_t is;

	if (!text || (unit_decimal(text, &is) && is <= most))
		return;
	snprintf(value, sizeof(value), "%" PRIu64, most);
	if (below(j, key, place("/linux/resources/unified/%s", file), hint, "is %.40s, and %s is the most", text, value))
		put(j, part_at(j, "unified"), file, json_string(value));
}

static void set_file(struct judging *j, const char *file, const char *value)
{
	put(j, part_at(j, "unified"), file, json_string(value));
}

static bool file_is(const struct judging *j, const char *file, const char *value)
{
	const char *text = json_string_value(member(member(resources_of(j), "unified"), file));

	return text && strcmp(text, value) == 0;
}

/* What only limits, of cgroup-v2.rst. Others move processes, take CPUs away from everybody else, raise a priority, or say in other words
 * what a row reads in one (cpu.weight.nice). */
void judge_unified(struct judging *j)
{
	static const char *const files[] = {
		"cgroup.max.depth", "cgroup.max.descendants", "cpu.idle", "cpu.max", "cpu.max.burst", "cpu.weight", "cpuset.cpus", "cpuset.mems",
		"io.bfq.weight", "io.latency", "io.max", "io.weight", "memory.high", "memory.low", "memory.max", "memory.min", "memory.oom.group",
		"memory.swap.high", "memory.swap.max", "memory.zswap.max", "misc.max", "pids.max", "rdma.max",
	};
	json_t *unified = member(resources_of(j), "unified"), *v;
	const char *file;
	void *next;

	json_object_foreach_safe(unified, next, file, v) {
		bool known = strncmp(file, "hugetlb.", 8) == 0 && !strchr(file, '/');

		for (size_t i = 0; i < COUNT(files) && !known; i++)
			known = strcmp(file, files[i]) == 0;
		if (!known && below(j, "", place("/linux/resources/unified/%s", file), "leave it out", "is no file that only limits"))
			json_object_del(unified, file);
	}
}

/* --- memory --- */

void judge_memory(struct judging *j)
{
	const struct limits_policy *l = &j->bound->limits;
	const char *high = json_string_value(member(member(resources_of(j), "unified"), "memory.high"));
	char value[24];
	uint64_t is;

	lower(j, "limits.memory", "memory", "limit", l->memory, "--memory");
	lower_file(j, "limits.memory", "memory.max", l->memory, "--memory");
	if (!l->memory_high || (high && unit_decimal(high, &is) && is <= l->memory_high))
		return;
	snprintf(value, sizeof(value), "%" PRIu64, l->memory_high);
	if (below(j, "limits.memory_high", place("/linux/resources/unified/memory.high"), "--cgroup-conf=memory.high=...", "is %.40s, and %s is the most",
		  high ? high : "missing", value))
		set_file(j, "memory.high", value);
}

/* The field is memory and swap together, and says nothing without a limit of memory (or one that leaves no room for a sum): then
 * only the cgroup's file can. */
void judge_swap(struct judging *j)
{
	const uint64_t most = j->bound->limits.swap, memory = limit_of(member(member(resources_of(j), "memory"), "limit"));
	json_t *field = member(member(resources_of(j), "memory"), "swap"), *file = member(member(resources_of(j), "unified"), "memory.swap.max");
	const uint64_t is = limit_of(field), both = memory + most;
	const bool alone = memory == UINT64_MAX || both > INT64_MAX;
	char value[24];

	lower_file(j, "limits.swap", "memory.swap.max", most, "--memory-swap");
	if (most == UINT64_MAX || (file && (!field || alone)))
		return;
	snprintf(value, sizeof(value), "%" PRIu64, most);
	if (alone) {
		if (below(j, "limits.swap", place("/linux/resources/unified/memory.swap.max"), "--memory, and --memory-swap for both together",
			  "is missing, and %s is the most", value))
			set_file(j, "memory.swap.max", value);
		return;
	}
	if (is != UINT64_MAX && is >= memory && is - memory <= most)
		return;
	if (below(j, "limits.swap", place("/linux/resources/memory/swap"), "--memory-swap, memory and swap together", "more than %s bytes of swap", value))
		put(j, part_at(j, "memory"), "swap", json_integer((json_int_t)both));
}

void judge_oom_group(struct judging *j)
{
	if (j->bound->limits.oom_group && !file_is(j, "memory.oom.group", "1") &&
	    below(j, "limits.oom_group", place("/linux/resources/unified/memory.oom.group"), "--cgroup-conf=memory.oom.group=1",
		  "out of memory may leave half of the container alive"))
		set_file(j, "memory.oom.group", "1");
	if (json_is_true(member(member(resources_of(j), "memory"), "disableOOMKiller")) &&
	    below(j, "", place("/linux/resources/memory/disableOOMKiller"), "leave it out", "a container that may not be killed may stop the host"))
		put(j, part_at(j, "memory"), "disableOOMKiller", json_false());
}

/* --- CPUs --- */

enum { PERIOD = 100000, LEAST_QUOTA = 1000 };	/* us; the kernel takes no quota below 1 ms */

static uint64_t quota_for(uint64_t millionths, uint64_t period)
{
	const unsigned __int128 q = (unsigned __int128)millionths * period / 1000000;

	return q < LEAST_QUOTA ? LEAST_QUOTA : q > INT64_MAX ? INT64_MAX : (uint64_t)q;
}

/* "QUOTA PERIOD", both: without the second it would be whatever was written before. The kernel reads "%20s %llu", so what is longer than
 * its first part goes on in the other. */
static bool read_cpu_max(const char *text, uint64_t *quota, uint64_t *period)
{
	const char *blank = strchr(text, ' ');
	char first[24];

	if (!blank || blank - text >= (ptrdiff_t)sizeof(first))
		return false;
	snprintf(first, sizeof(first), "%.*s", (int)(blank - text), text);
	return unit_decimal(first, quota) && unit_decimal(blank + 1, period) && *period >= 1000 && *period <= 1000000;
}

void judge_cpus(struct judging *j)
{
	const uint64_t cpus = j->bound->limits.cpus;
	json_t *cpu = member(resources_of(j), "cpu");
	const char *text = json_string_value(member(member(resources_of(j), "unified"), "cpu.max"));
	uint64_t period = limit_of(member(cpu, "period")), most, quota, every;
	char value[64];

	if (cpus == UINT64_MAX)
		return;
	if (period > 1000000)	/* the kernel's greatest; and what is not given is 100 ms */
		period = PERIOD;
	most = quota_for(cpus, period);
	if (limit_of(member(cpu, "quota")) > most &&
	    below(j, "limits.cpus", place("/linux/resources/cpu/quota"), "--cpus", "is more than %" PRIu64 " us in %" PRIu64, most, period)) {
		put(j, part_at(j, "cpu"), "quota", json_integer((json_int_t)most));
		put(j, part_at(j, "cpu"), "period", json_integer((json_int_t)period));
	}
	if (!text || (read_cpu_max(text, &quota, &every) && quota <= quota_for(cpus, every)))
		return;
	snprintf(value, sizeof(value), "%" PRIu64 " %d", quota_for(cpus, PERIOD), PERIOD);
	if (below(j, "limits.cpus", place("/linux/resources/unified/cpu.max"), "--cpus", "is %.40s, and \"%s\" is the most", text, value))
		set_file(j, "cpu.max", value);
}

/* What is left alone has a weight of 100. A runtime's straight line from shares to weights lies below the curve. */
void judge_weight(struct judging *j)
{
	const uint64_t most = j->bound->limits.cpu_weight;
	const char *text = json_string_value(member(member(resources_of(j), "unified"), "cpu.weight"));
	uint64_t shares = 0, weight = 100;
	char value[24];

	if (unsigned_of(member(member(resources_of(j), "cpu"), "shares"), &shares) && shares)
		weight = resource_weight(shares);
	if (text ? unit_decimal(text, &weight) && weight <= most : weight <= most)
		return;
	snprintf(value, sizeof(value), "%" PRIu64, most);
	if (below(j, "limits.cpu_weight", place(text ? "/linux/resources/unified/cpu.weight" : "/linux/resources/cpu/shares"), "--cpu-shares",
		  "is a weight of %.40s, and %s is the most", text ? text : "more", value))
		set_file(j, "cpu.weight", value);
}

/* --- CPU lists --- */

enum { LIST_OF_CPUS = 8192 };
struct cpu_list { uint8_t has[LIST_OF_CPUS / 8]; };

/* "0-3,7" */
static bool read_cpus(const char *s, struct cpu_list *set)
{
	memset(set, 0, sizeof(*set));
	while (*s) {
		unsigned first, last;
		int n = 0;

		if (sscanf(s, "%5u%n", &first, &n) != 1)
			return false;
		s += n;
		last = first;
		if (*s == '-') {
			if (sscanf(s + 1, "%5u%n", &last, &n) != 1)
				return false;
			s += 1 + n;
		}
		if (last >= LIST_OF_CPUS || first > last || (*s && *s != ','))
			return false;
		for (; first <= last; first++)
			set->has[first / 8] |= (uint8_t)(1 << first % 8);
		s += *s == ',';
	}
	return true;
}

static bool within(const struct cpu_list *a, const struct cpu_list *b, bool *common)
{
	bool ret = true;

	*common = false;
	for (size_t i = 0; i < sizeof(a->has); i++) {
		ret &= !(a->has[i] & ~b->has[i]);
		*common |= a->has[i] & b->has[i];
	}
	return ret;
}

static json_t *print_common(const struct cpu_list *a, const struct cpu_list *b)
{
	_auto(free_mem) char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	json_t *ret;

	for (unsigned i = 0, n = 0; out && i < LIST_OF_CPUS; i++)
		if (a->has[i / 8] & b->has[i / 8] & 1 << i % 8)
			fprintf(out, "%s%u", n++ ? "," : "", i);
	ret = out && fclose(out) == 0 ? json_string(text) : NULL;
	return ret;
}

static void judge_cpu_list(struct judging *j, const char *part, const char *name, bool required)
{
	const char *text = json_string_value(member(member(resources_of(j), part), name)), *most = j->bound->limits.cpuset;
	const struct place at = place("/linux/resources/%s/%s", part, name);
	struct cpu_list is, may;
	bool common = true;

	if ((!text || !*text) && !required)
		return;
	if (!read_cpus(most, &may))	/* the policy's own, whose syntax was looked at */
		return;
	if (text && *text && !read_cpus(text, &is)) {
		refuse(j, "limits.cpuset", at, "--cpuset-cpus", "is no list of CPUs");
		return;
	}
	if (text && *text && within(&is, &may, &common))
		return;
	if (!common)
		refuse(j, "limits.cpuset", at, "--cpuset-cpus", "%.60s has no CPU of %.60s", text, most);
	else if (below(j, "limits.cpuset", at, "--cpuset-cpus", "has more than %.60s", most))
		put(j, part_at(j, part), name, text && *text ? print_common(&is, &may) : json_string(most));
}

void judge_cpuset(struct judging *j)
{
	const char *most = j->bound->limits.cpuset;

	if (!most || !*most)
		return;
	judge_cpu_list(j, "cpu", "cpus", true);
	judge_cpu_list(j, "unified", "cpuset.cpus", false);
}

/* --- the rest --- */

void judge_pids(struct judging *j)
{
	lower(j, "limits.pids", "pids", "limit", j->bound->limits.pids, "--pids-limit");
	lower_file(j, "limits.pids", "pids.max", j->bound->limits.pids, "--pids-limit");
}

static bool is_disk(const json_t *v, unsigned major, unsigned minor)
{
	int64_t ma = -1, mi = -1;

	integer_of(member(v, "major"), &ma);
	integer_of(member(v, "minor"), &mi);
	return ma == major && mi == minor;
}

/* Whether a list of config.json limits a disk to no more than this. */
static bool throttled(const struct judging *j, const char *name, unsigned major, unsigned minor, uint64_t most)
{
	bool found = false;
	json_t *v;
	size_t i;

	json_array_foreach(member(member(resources_of(j), "blockIO"), name), i, v)
		if (is_disk(v, major, minor)) {
			if (limit_of(member(v, "rate")) > most)
				return false;
			found = true;
		}
	return found;
}

static void throttle(struct judging *j, const char *name, unsigned major, unsigned minor, uint64_t most)
{
	json_t *list;

	if (!most || throttled(j, name, major, minor, most) ||
	    !below(j, "limits.io", place("/linux/resources/blockIO/%s", name), "--device-read-bps and its like", "does not limit %u:%u to %" PRIu64,
		   major, minor, most))
		return;
	list = array_at(j, part_at(j, "blockIO"), name);
	for (size_t i = json_array_size(list); i-- > 0;)
		if (is_disk(json_array_get(list, i), major, minor))
			json_array_remove(list, i);
	append(j, list, json_pack("{s:I, s:I, s:I}", "major", (json_int_t)major, "minor", (json_int_t)minor, "rate", (json_int_t)most));
}

void judge_io(struct judging *j)
{
	const struct limits_policy *l = &j->bound->limits;

	if (l->n_io && member(member(resources_of(j), "unified"), "io.max"))
		refuse(j, "limits.io", place("/linux/resources/unified/io.max"), "say it in linux.resources.blockIO", "may say another thing than blockIO");
	for (size_t i = 0; i < l->n_io; i++) {
		const struct io_limit *io = &l->io[i];
		unsigned major, minor;
		bool block = false;

		if (!j->facts->device || !j->facts->device(io->path, &block, &major, &minor) || !block) {
			refuse(j, "limits.io", place("/linux/resources/blockIO"), "name the device itself, such as /dev/sda", "%.60s is no disk here", io->path);
			continue;
		}
		throttle(j, "throttleReadBpsDevice", major, minor, io->rbps);
		throttle(j, "throttleWriteBpsDevice", major, minor, io->wbps);
		throttle(j, "throttleReadIOPSDevice", major, minor, io->riops);
		throttle(j, "throttleWriteIOPSDevice", major, minor, io->wiops);
	}
}
