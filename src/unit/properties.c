/* properties.c - see properties.h.
 *
 * Beside systemd's own names, those of the cgroup's files are understood ("memory.max=67108864"): whoever limits a cgroup writes
 * them as well, and systemd must agree, or it would write its own when it reloads. A file for which it has no property is
 * left alone by it, and so by us. */
#include "properties.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static bool parse(const char *text, uint64_t *ret)
{
	char *end;

	if (strcmp(text, "max") == 0 || strcmp(text, "infinity") == 0) {
		*ret = UINT64_MAX;
		return true;
	}
	errno = 0;
	*ret = strtoull(text, &end, 10);
	return *text >= '0' && *text <= '9' && !*end && errno == 0;
}

/* --- one value of each type --- */

static int put_string(sd_bus_message *m, const char *name, const char *value)
{
	return sd_bus_message_append(m, "(sv)", name, "s", value);
}

static int put_strings(sd_bus_message *m, const char *name, const char *value)
{
	return sd_bus_message_append(m, "(sv)", name, "as", 1, value);
}

static int put_bool(sd_bus_message *m, const char *name, const char *value)
{
	return sd_bus_message_append(m, "(sv)", name, "b", strcmp(value, "yes") == 0);
}

static int put_number(sd_bus_message *m, const char *name, const char *value)
{
	uint64_t n;

	return parse(value, &n) ? sd_bus_message_append(m, "(sv)", name, "t", n) : -EINVAL;
}

static int put_mode(sd_bus_message *m, const char *name, const char *value)
{
	return sd_bus_message_append(m, "(sv)", name, "u", (uint32_t)strtoul(value, NULL, 8));
}

static int put_environment_file(sd_bus_message *m, const char *name, const char *value)
{
	return sd_bus_message_append(m, "(sv)", name, "a(sb)", 1, value, false);
}

/* "QUOTA PERIOD". systemd keeps whole percents and must not have less than what is written to the file. */
static int put_quota(sd_bus_message *m, const char *name, const char *value)
{
	uint64_t quota, period, per_second = UINT64_MAX;
	char text[24];
	int r;

	if (sscanf(value, "%23s %" SCNu64, text, &period) != 2 || !parse(text, &quota) || period == 0)
		return -EINVAL;
	if (quota != UINT64_MAX)
		per_second = ((uint64_t)((double)quota * 1e6 / (double)period) + 9999) / 10000 * 10000;
	r = sd_bus_message_append(m, "(sv)", "CPUQuotaPeriodUSec", "t", period);
	return r < 0 ? r : sd_bus_message_append(m, "(sv)", name, "t", per_second);
}

/* "0-3,7" as a mask, the lowest first. */
static int put_set(sd_bus_message *m, const char *name, const char *value)
{
	uint8_t mask[1024] = { 0 };
	size_t n = 0;
	int r;

	for (const char *at = value; *at; at += *at == ',') {
		char *end;
		unsigned long first = strtoul(at, &end, 10), last = *end == '-' ? strtoul(end + 1, &end, 10) : first;

		if (end == at || last < first || last >= sizeof(mask) * 8 || (*end && *end != ','))
			return -EINVAL;
		for (unsigned long i = first; i <= last; i++)
			mask[i / 8] |= (uint8_t)(1 << i % 8);
		n = last / 8 + 1 > n ? last / 8 + 1 : n;
		at = end;
	}
	r = sd_bus_message_open_container(m, 'r', "sv");
	if (r >= 0)
		r = sd_bus_message_append(m, "s", name);
	if (r >= 0)
		r = sd_bus_message_open_container(m, 'v', "ay");
	if (r >= 0)
		r = sd_bus_message_append_array(m, 'y', mask, n);
	if (r >= 0)
		r = sd_bus_message_close_container(m);
	return r < 0 ? r : sd_bus_message_close_container(m);
}

/* What runs only when nobody else wants to has the weight 0 there (since 252). */
static int put_idle(sd_bus_message *m, const char *name, const char *value)
{
	return strcmp(value, "1") == 0 ? put_number(m, name, "0") : 0;
}

/* "default 100"; single disks stay between us and the kernel. */
static int put_weight(sd_bus_message *m, const char *name, const char *value)
{
	return strncmp(value, "default ", 8) == 0 ? put_number(m, name, value + 8) : 0;
}

/* Exit codes, with no signals beside them. */
static int put_codes(sd_bus_message *m, const char *name, const char *value)
{
	int32_t codes[16];
	size_t n = 0;
	char *end;
	int r;

	for (; n < COUNT(codes) && *value; value = end + (*end == ' '), n++)
		codes[n] = (int32_t)strtol(value, &end, 10);
	r = sd_bus_message_open_container(m, 'r', "sv");
	if (r >= 0)
		r = sd_bus_message_append(m, "s", name);
	if (r >= 0)
		r = sd_bus_message_open_container(m, 'v', "(aiai)");
	if (r >= 0)
		r = sd_bus_message_open_container(m, 'r', "aiai");
	if (r >= 0)
		r = sd_bus_message_append_array(m, 'i', codes, n * sizeof(*codes));
	if (r >= 0)
		r = sd_bus_message_append_array(m, 'i', NULL, 0);
	for (int i = 0; r >= 0 && i < 3; i++)
		r = sd_bus_message_close_container(m);
	return r;
}

static const struct {
	const char *word, *name;	/* NULL: the same */
	int (*put)(sd_bus_message *, const char *name, const char *value);
} rows[] = {
	{ "Description", NULL, put_string }, { "Slice", NULL, put_string }, { "Type", NULL, put_string }, { "KillMode", NULL, put_string },
	{ "Delegate", NULL, put_bool }, { "NotifyAccess", NULL, put_string }, { "CollectMode", NULL, put_string }, { "OOMPolicy", NULL, put_string },
	{ "TimeoutStopUSec", NULL, put_number }, { "TimeoutStartUSec", NULL, put_number }, { "WorkingDirectory", NULL, put_string },
	{ "SyslogIdentifier", NULL, put_string }, { "StandardOutput", NULL, put_string }, { "StandardError", NULL, put_string },
	{ "Restart", NULL, put_string }, { "SuccessExitStatus", NULL, put_codes }, { "RuntimeDirectory", NULL, put_strings }, { "RuntimeDirectoryMode", NULL, put_mode },
	{ "RuntimeDirectoryPreserve", NULL, put_string }, { "EnvironmentFiles", NULL, put_environment_file },
	{ "memory.max", "MemoryMax", put_number }, { "memory.high", "MemoryHigh", put_number }, { "memory.low", "MemoryLow", put_number },
	{ "memory.min", "MemoryMin", put_number }, { "memory.swap.max", "MemorySwapMax", put_number }, { "pids.max", "TasksMax", put_number },
	{ "cpu.weight", "CPUWeight", put_number }, { "cpu.idle", "CPUWeight", put_idle }, { "cpu.max", "CPUQuotaPerSecUSec", put_quota },
	{ "cpuset.cpus", "AllowedCPUs", put_set }, { "cpuset.mems", "AllowedMemoryNodes", put_set }, { "io.weight", "IOWeight", put_weight },
};

int property_append(sd_bus_message *m, const char *word)
{
	const char *eq = strchr(word, '=');
	size_t n = eq ? (size_t)(eq - word) : 0;

	for (size_t i = 0; i < COUNT(rows); i++)
		if (strlen(rows[i].word) == n && strncmp(rows[i].word, word, n) == 0)
			return rows[i].put(m, rows[i].name ? rows[i].name : rows[i].word, eq + 1);
	/* A file of the cgroup, or a mistake of ours. */
	return n && memchr(word, '.', n) ? 0 : -EINVAL;
}
