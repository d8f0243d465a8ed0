/* cgroup_stats.c - what a cgroup used and what happened to it: every number is one word of one file, and a row of a table. */
#include "cgroup_held.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#define AT(member) offsetof(struct cgroup_stats, member)

/* Rows of one file stand together: it is read once. No key: the file is the number. */
static const struct { const char *file, *key; size_t offset; } numbers[] = {
	{ "memory.current", NULL, AT(memory.current) }, { "memory.peak", NULL, AT(memory.peak) },
	{ "memory.max", NULL, AT(memory.max) }, { "memory.high", NULL, AT(memory.high) }, { "memory.low", NULL, AT(memory.low) },
	{ "memory.swap.current", NULL, AT(memory.swap) }, { "memory.swap.max", NULL, AT(memory.swap_max) },
	{ "memory.stat", "anon", AT(memory.anon) }, { "memory.stat", "file", AT(memory.file) }, { "memory.stat", "kernel", AT(memory.kernel) },
	{ "memory.stat", "kernel_stack", AT(memory.kernel_stack) }, { "memory.stat", "slab", AT(memory.slab) },
	{ "memory.stat", "sock", AT(memory.sock) }, { "memory.stat", "shmem", AT(memory.shmem) },
	{ "memory.stat", "file_mapped", AT(memory.mapped) }, { "memory.stat", "inactive_file", AT(memory.inactive_file) },
	{ "memory.stat", "pgfault", AT(memory.pgfault) }, { "memory.stat", "pgmajfault", AT(memory.pgmajfault) },
	{ "memory.events", "low", AT(memory.events.low) }, { "memory.events", "high", AT(memory.events.high) },
	{ "memory.events", "max", AT(memory.events.max) }, { "memory.events", "oom", AT(memory.events.oom) },
	{ "memory.events", "oom_kill", AT(memory.events.oom_kill) },
	{ "cpu.stat", "usage_usec", AT(cpu.usage) }, { "cpu.stat", "user_usec", AT(cpu.user) }, { "cpu.stat", "system_usec", AT(cpu.system) },
	{ "cpu.stat", "nr_periods", AT(cpu.periods) }, { "cpu.stat", "nr_throttled", AT(cpu.throttled) },
	{ "cpu.stat", "throttled_usec", AT(cpu.throttled_usec) },
	{ "pids.current", NULL, AT(pids.current) }, { "pids.max", NULL, AT(pids.max) }, { "pids.events", "max", AT(pids.refused) },
};

/* The number behind the key at the beginning of a line, or the whole text's. "max" is none. */
static uint64_t number(const char *text, const char *key)
{
	size_t n = key ? strlen(key) : 0;

	for (const char *line = text; key && line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, n) == 0 && line[n] == ' ')
			return strtoull(line + n + 1, NULL, 10);
	}
	return !key && *text >= '0' && *text <= '9' ? strtoull(text, NULL, 10) : CGROUP_NONE;
}

static void read_numbers(const struct sys *k, int dir, struct cgroup_stats *s, char *text, size_t size)
{
	const char *file = "";
	ssize_t n = -1;

	for (size_t i = 0; i < COUNT(numbers); i++) {
		if (strcmp(file, numbers[i].file) != 0)
			n = sys_read_file(k, dir, numbers[i].file, text, size);
		file = numbers[i].file;
		*(uint64_t *)((char *)s + numbers[i].offset) = n < 0 ? CGROUP_NONE : number(text, numbers[i].key);
	}
}

/* "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6" */
static void read_disk(const char *line, struct cgroup_disk *d)
{
	static const struct { const char *key; size_t offset; } words[] = {
		{ " rbytes=", offsetof(struct cgroup_disk, rbytes) }, { " wbytes=", offsetof(struct cgroup_disk, wbytes) },
		{ " rios=", offsetof(struct cgroup_disk, rios) }, { " wios=", offsetof(struct cgroup_disk, wios) },
		{ " dbytes=", offsetof(struct cgroup_disk, dbytes) }, { " dios=", offsetof(struct cgroup_disk, dios) },
	};
	const char *end = line + strcspn(line, "\n");

	for (size_t i = 0; i < COUNT(words); i++) {
		const char *at = strstr(line, words[i].key);

		if (at && at < end)
			*(uint64_t *)((char *)d + words[i].offset) = strtoull(at + strlen(words[i].key), NULL, 10);
	}
}

static void read_disks(const struct sys *k, int dir, struct cgroup_stats *s, char *text, size_t size)
{
	ssize_t n = sys_read_file(k, dir, "io.stat", text, size);

	for (const char *line = n > 0 ? text : NULL; line && s->n_disks < DISKS_MAX; line = strchr(line, '\n')) {
		struct cgroup_disk d = { 0 };

		line += *line == '\n';
		if (sscanf(line, "%u:%u", &d.major, &d.minor) != 2)
			continue;
		read_disk(line, &d);
		s->disk[s->n_disks++] = d;
	}
}

/* "some avg10=0.12 avg60=0.00 avg300=0.00 total=123": two digits behind the point, always (kernel/sched/psi.c). */
static uint64_t hundredths(const char *line, const char *key)
{
	const char *at = strstr(line, key);
	unsigned whole, part;

	return at && sscanf(at + strlen(key), "%u.%2u", &whole, &part) == 2 ? whole * UINT64_C(100) + part : CGROUP_NONE;
}

static struct cgroup_pressure pressure_of(const char *text, const char *which)
{
	const char *line = text ? strstr(text, which) : NULL, *total = line ? strstr(line, "total=") : NULL;

	if (!total)
		return (struct cgroup_pressure){ CGROUP_NONE, CGROUP_NONE, CGROUP_NONE, CGROUP_NONE };
	return (struct cgroup_pressure){ hundredths(line, "avg10="), hundredths(line, "avg60="), hundredths(line, "avg300="),
					 strtoull(total + strlen("total="), NULL, 10) };
}

int cgroup_stats(const struct sys *k, int dir, struct cgroup_stats *s)
{
	static const char *const pressure[USES_COUNT] = {
		[USES_CPU] = "cpu.pressure", [USES_MEMORY] = "memory.pressure", [USES_IO] = "io.pressure",
	};
	char text[16384];
	int frozen = cgroup_is_frozen(k, dir);

	*s = (struct cgroup_stats){ .frozen = frozen > 0 };
	if (frozen < 0)
		return frozen;
	read_numbers(k, dir, s, text, sizeof(text));
	read_disks(k, dir, s, text, sizeof(text));
	for (size_t i = 0; i < COUNT(pressure); i++) {
		/* EOPNOTSUPP when psi=0, on reading. */
		ssize_t n = sys_read_file(k, dir, pressure[i], text, sizeof(text));

		s->pressure[i].some = pressure_of(n > 0 ? text : NULL, "some ");
		s->pressure[i].full = pressure_of(n > 0 ? text : NULL, "full ");
	}
	return 0;
}
