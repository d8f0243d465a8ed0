/* stats_show.c - see stats.h. One table of numbers for JSON and Prometheus, so that neither knows one which the other has not. */
#include "stats.h"

#include "../policy/units.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#define AT(member) offsetof(struct cgroup_stats, member)

/* Names and units as Prometheus wants them: base units, counters end in _total. Microseconds become seconds there. */
static const struct metric {
	const char *group, *key;	/* of JSON */
	const char *name;		/* behind "casemate_" */
	enum { GAUGE, COUNTER, SECONDS } kind;
	const char *help;
	size_t offset;
} metrics[] = {
	{ "memory", "current", "memory_usage_bytes", GAUGE, "Memory in use, page cache included.", AT(memory.current) },
	{ "memory", "peak", "memory_peak_bytes", GAUGE, "The most memory ever in use.", AT(memory.peak) },
	{ "memory", "max", "memory_limit_bytes", GAUGE, "Limit of memory: limits.memory.", AT(memory.max) },
	{ "memory", "high", "memory_high_bytes", GAUGE, "Memory above which the container is slowed down: limits.memory_high.", AT(memory.high) },
	{ "memory", "swap", "memory_swap_bytes", GAUGE, "Memory that was swapped out.", AT(memory.swap) },
	{ "memory", "swap_max", "memory_swap_limit_bytes", GAUGE, "Limit of swap: limits.swap.", AT(memory.swap_max) },
	{ "memory", "anon", "memory_anon_bytes", GAUGE, "Memory that belongs to no file.", AT(memory.anon) },
	{ "memory", "file", "memory_file_bytes", GAUGE, "Page cache.", AT(memory.file) },
	{ "memory", "inactive_file", "memory_inactive_file_bytes", GAUGE, "Page cache that is reclaimed first.", AT(memory.inactive_file) },
	{ "memory", "shmem", "memory_shmem_bytes", GAUGE, "Shared memory and tmpfs.", AT(memory.shmem) },
	{ "memory", "kernel", "memory_kernel_bytes", GAUGE, "Memory of the kernel on behalf of the container.", AT(memory.kernel) },
	{ "memory", "pgfault", "memory_page_faults_total", COUNTER, "Page faults.", AT(memory.pgfault) },
	{ "memory", "pgmajfault", "memory_major_page_faults_total", COUNTER, "Page faults that read from a disk.", AT(memory.pgmajfault) },
	{ "memory", "high_events", "memory_high_events_total", COUNTER, "Times that limits.memory_high slowed the container down.", AT(memory.events.high) },
	{ "memory", "max_events", "memory_limit_events_total", COUNTER, "Times that memory had to be reclaimed at the limit.", AT(memory.events.max) },
	{ "memory", "oom_events", "memory_oom_events_total", COUNTER, "Times that the limit was reached and nothing could be reclaimed.", AT(memory.events.oom) },
	{ "memory", "oom_kills", "memory_oom_kills_total", COUNTER, "Processes killed for lack of memory.", AT(memory.events.oom_kill) },
	{ "cpu", "usage_usec", "cpu_usage_seconds_total", SECONDS, "CPU time used.", AT(cpu.usage) },
	{ "cpu", "user_usec", "cpu_user_seconds_total", SECONDS, "CPU time used outside the kernel.", AT(cpu.user) },
	{ "cpu", "system_usec", "cpu_system_seconds_total", SECONDS, "CPU time used in the kernel.", AT(cpu.system) },
	{ "cpu", "periods", "cpu_periods_total", COUNTER, "Periods of limits.cpus in which the container ran.", AT(cpu.periods) },
	{ "cpu", "throttled_periods", "cpu_throttled_periods_total", COUNTER, "Periods in which it was throttled.", AT(cpu.throttled) },
	{ "cpu", "throttled_usec", "cpu_throttled_seconds_total", SECONDS, "Time for which it was throttled.", AT(cpu.throttled_usec) },
	{ "pids", "current", "pids", GAUGE, "Processes and threads.", AT(pids.current) },
	{ "pids", "max", "pids_limit", GAUGE, "Limit of processes and threads: limits.pids.", AT(pids.max) },
	{ "pids", "refused", "pids_refused_total", COUNTER, "Forks that were refused at the limit.", AT(pids.refused) },
};

static const char *const resources[USES_COUNT] = { [USES_CPU] = "cpu", [USES_MEMORY] = "memory", [USES_IO] = "io" };

static const struct { const char *key, *name, *help; size_t offset; } disk_counters[] = {
	{ "rbytes", "io_read_bytes_total", "Bytes read from a disk.", offsetof(struct cgroup_disk, rbytes) },
	{ "wbytes", "io_written_bytes_total", "Bytes written to a disk.", offsetof(struct cgroup_disk, wbytes) },
	{ "rios", "io_reads_total", "Reads from a disk.", offsetof(struct cgroup_disk, rios) },
	{ "wios", "io_writes_total", "Writes to a disk.", offsetof(struct cgroup_disk, wios) },
};

static uint64_t at(const void *from, size_t offset)
{
	return *(const uint64_t *)((const char *)from + offset);
}

/* --- JSON --- */

static json_t *number(uint64_t v)
{
	return v > INT64_MAX ? json_null() : json_integer((json_int_t)v);
}

static json_t *percent(uint64_t hundredths)
{
	return hundredths == CGROUP_NONE ? json_null() : json_real((double)hundredths / 100);
}

static json_t *pressure(const struct cgroup_pressure *p)
{
	return p->total == CGROUP_NONE ? json_null() : json_pack("{s:o, s:o, s:o, s:o}", "avg10", percent(p->avg10), "avg60", percent(p->avg60),
								 "avg300", percent(p->avg300), "total_usec", number(p->total));
}

static json_t *disks(const struct cgroup_stats *s)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->n_disks; i++) {
		json_t *disk = json_pack("{s:o}", "device", json_sprintf("%u:%u", s->disk[i].major, s->disk[i].minor));

		for (size_t j = 0; j < COUNT(disk_counters); j++)
			json_object_set_new(disk, disk_counters[j].key, number(at(&s->disk[i], disk_counters[j].offset)));
		json_array_append_new(list, disk);
	}
	return list;
}

json_t *stats_json(const struct sample *s)
{
	json_t *o = json_pack("{s:s}", "name", s->name);

	if (!s->has_cgroup) {
		json_object_set_new(o, "cgroup", json_false());
		return o;
	}
	json_object_set_new(o, "paused", json_boolean(s->stats.frozen));
	for (size_t i = 0; i < COUNT(metrics); i++) {
		json_t *group = json_object_get(o, metrics[i].group);

		if (!group)
			json_object_set_new(o, metrics[i].group, group = json_object());
		json_object_set_new(group, metrics[i].key, number(at(&s->stats, metrics[i].offset)));
	}
	json_object_set_new(o, "io", disks(&s->stats));
	for (size_t i = 0; i < USES_COUNT; i++) {
		json_t *all = json_object_get(o, "pressure");

		if (!all)
			json_object_set_new(o, "pressure", all = json_object());
		json_object_set_new(all, resources[i], json_pack("{s:o, s:o}", "some", pressure(&s->stats.pressure[i].some),
								 "full", pressure(&s->stats.pressure[i].full)));
	}
	return o;
}

/* --- Prometheus --- */

static void head(FILE *out, const char *name, const char *type, const char *help)
{
	fprintf(out, "# HELP casemate_%s %s\n# TYPE casemate_%s %s\n", name, help, name, type);
}

/* A name is letters, digits, "-", "_" and ".": nothing that a label would have to escape. */
static void metric(const struct metric *m, const struct sample *s, size_t n, FILE *out)
{
	head(out, m->name, m->kind == GAUGE ? "gauge" : "counter", m->help);
	for (size_t i = 0; i < n; i++) {
		uint64_t v = s[i].has_cgroup ? at(&s[i].stats, m->offset) : CGROUP_NONE;

		if (v == CGROUP_NONE)
			continue;
		fprintf(out, "casemate_%s{name=\"%s\"} ", m->name, s[i].name);
		if (m->kind == SECONDS)
			fprintf(out, "%" PRIu64 ".%06" PRIu64 "\n", v / 1000000, v % 1000000);
		else
			fprintf(out, "%" PRIu64 "\n", v);
	}
}

static void stalled(const struct sample *s, size_t n, FILE *out)
{
	head(out, "pressure_stalled_seconds_total", "counter", "Time in which processes waited for a resource: some, or all (full).");
	for (size_t i = 0; i < n; i++)
		for (size_t r = 0; r < USES_COUNT && s[i].has_cgroup; r++) {
			const uint64_t total[] = { s[i].stats.pressure[r].some.total, s[i].stats.pressure[r].full.total };

			for (size_t kind = 0; kind < COUNT(total); kind++)
				if (total[kind] != CGROUP_NONE)
					fprintf(out, "casemate_pressure_stalled_seconds_total{name=\"%s\",resource=\"%s\",kind=\"%s\"} %" PRIu64
						".%06" PRIu64 "\n", s[i].name, resources[r], kind ? "full" : "some", total[kind] / 1000000,
						total[kind] % 1000000);
		}
}

void stats_prometheus(const struct sample *s, size_t n, FILE *out)
{
	head(out, "container_up", "gauge", "1 for every container that runs.");
	for (size_t i = 0; i < n; i++)
		fprintf(out, "casemate_container_up{name=\"%s\"} 1\n", s[i].name);
	head(out, "container_paused", "gauge", "1 while it is paused.");
	for (size_t i = 0; i < n; i++)
		fprintf(out, "casemate_container_paused{name=\"%s\"} %d\n", s[i].name, s[i].has_cgroup && s[i].stats.frozen);
	for (size_t i = 0; i < COUNT(metrics); i++)
		metric(&metrics[i], s, n, out);
	for (size_t j = 0; j < COUNT(disk_counters); j++) {
		head(out, disk_counters[j].name, "counter", disk_counters[j].help);
		for (size_t i = 0; i < n; i++)
			for (size_t d = 0; d < s[i].stats.n_disks; d++)
				fprintf(out, "casemate_%s{name=\"%s\",device=\"%u:%u\"} %" PRIu64 "\n", disk_counters[j].name, s[i].name,
					s[i].stats.disk[d].major, s[i].stats.disk[d].minor, at(&s[i].stats.disk[d], disk_counters[j].offset));
	}
	stalled(s, n, out);
}

/* --- the table --- */

enum { CELL = 32 };

/* To three digits: a column is no place for bytes. */
static const char *size(uint64_t v, char cell[CELL])
{
	static const char units[] = "BKMGTPE";
	double n = (double)v;
	size_t u = 0;

	for (; n >= 1000 && u < sizeof(units) - 2; u++)
		n /= 1024;
	if (v == CGROUP_NONE)
		snprintf(cell, CELL, "-");
	else
		snprintf(cell, CELL, "%.*f%c", u && n < 99.95 ? 1 : 0, n, units[u]);
	return cell;
}

static const char *count(uint64_t v, char cell[CELL])
{
	if (v == CGROUP_NONE)
		snprintf(cell, CELL, "-");
	else
		snprintf(cell, CELL, "%" PRIu64, v);
	return cell;
}

static const char *share(uint64_t part, uint64_t of, char cell[CELL])
{
	if (!of)
		snprintf(cell, CELL, "-");
	else
		snprintf(cell, CELL, "%.1f%%", 100 * (double)part / (double)of);
	return cell;
}

static uint64_t all_disks(const struct cgroup_stats *s, bool written)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < s->n_disks; i++)
		sum += written ? s->disk[i].wbytes : s->disk[i].rbytes;
	return sum;
}

void stats_head(FILE *out)
{
	fprintf(out, "%-20s %7s %7s %7s %7s %7s %6s %6s %7s %7s %17s %4s\n", "NAME", "CPU", "THROTTL", "MEMORY", "LIMIT", "PEAK", "PIDS", "LIMIT",
		"READ", "WRITTEN", "WAITS CPU/MEM/IO", "OOM");
}

static const char *waits(const struct cgroup_stats *s, char cell[CELL])
{
	size_t n = 0;

	for (size_t i = 0; i < USES_COUNT; i++) {
		uint64_t v = s->pressure[i].some.avg10;

		if (v == CGROUP_NONE)
			n += (size_t)snprintf(cell + n, CELL - n, "%s-", i ? "/" : "");
		else
			n += (size_t)snprintf(cell + n, CELL - n, "%s%" PRIu64 "%%", i ? "/" : "", (v + 50) / 100);
	}
	return cell;
}

void stats_line(const struct sample *s, const struct sample *before, FILE *out)
{
	const struct cgroup_stats *now = &s->stats;
	char cpu[CELL], throttled[CELL], used[CELL], limit[CELL], peak[CELL], pids[CELL], max[CELL], r[CELL], w[CELL], psi[CELL], oom[CELL];
	uint64_t time = before && before->has_cgroup ? s->at - before->at : 0;

	if (!s->has_cgroup) {
		fprintf(out, "%-20s no cgroup: every limit was waived\n", s->name);
		return;
	}
	fprintf(out, "%-20s %7s %7s %7s %7s %7s %6s %6s %7s %7s %17s %4s%s\n", s->name,
		share(time ? now->cpu.usage - before->stats.cpu.usage : 0, time, cpu),
		share(time && now->cpu.throttled_usec != CGROUP_NONE ? now->cpu.throttled_usec - before->stats.cpu.throttled_usec : 0, time, throttled),
		size(now->memory.current, used), size(now->memory.max, limit), size(now->memory.peak, peak), count(now->pids.current, pids),
		count(now->pids.max, max), size(all_disks(now, false), r), size(all_disks(now, true), w), waits(now, psi),
		count(now->memory.events.oom_kill, oom), now->frozen ? "  paused" : "");
}
