/* oci_resources.c - config.json: linux.resources, the limits. */
#include "oci_import.h"

#include "../base/cleanup.h"
#include "../policy/units.h"

#include <inttypes.h>
#include <string.h>

static json_int_t get(json_t *obj, const char *name)
{
	return json_integer_value(json_object_get(obj, name));
}

static bool unlimited(json_int_t v)
{
	return v <= 0 || v == INT64_MAX;
}

void take_memory_field(struct oci_import *im, json_t *v)
{
	json_int_t limit = get(v, "limit"), swap = get(v, "swap");

	if (json_object_get(v, "limit") && unlimited(limit)) {
		oci_here(im, "/linux/resources/memory/limit");
		oci_tighten(im, "/limits/memory", "no container is without a limit: 512M");
	} else if (limit > 0) {
		oci_here(im, "/linux/resources/memory/limit");
		door_set(im->door, "/limits/memory", json_integer(limit));
	}
	oci_here(im, "/linux/resources/memory/swap");
	if (swap && unlimited(swap))
		oci_tighten(im, "/limits/swap", "no swap");
	else if (swap && (unlimited(limit) || swap < limit))
		oci_refuse(im, "it is memory and swap together", "less than the limit of the memory");
	else if (swap > limit)
		door_set(im->door, "/limits/swap", json_integer(swap - limit));
}

/* The same proportion: what is left alone has 1024 there and 100 here. */
static void take_shares(struct oci_import *im, json_int_t shares)
{
	oci_here(im, "/linux/resources/cpu/shares");
	if (shares < 2 || shares > 262144)
		oci_refuse(im, "2 to 262144; 1024 is everybody's", "no number of shares");
	else
		door_set(im->door, "/limits/cpu_weight", json_integer(shares < 11 ? 1 : shares > 102400 ? 10000 : (shares * 100 + 512) / 1024));
}

static void set_cpus(struct oci_import *im, json_int_t quota, json_int_t period)
{
	json_int_t millionths = quota > INT64_C(1) << 40 || period <= 0 ? 0 : quota * 1000000 / period;

	if (!millionths)
		oci_refuse(im, "quota and period in microseconds", "no share of a CPU");
	else
		door_set(im->door, "/limits/cpus", json_real((double)millionths / 1e6));
}

void take_cpu(struct oci_import *im, json_t *v)
{
	json_int_t quota = get(v, "quota"), period = json_object_get(v, "period") ? get(v, "period") : 100000;

	if (json_object_get(v, "shares") && get(v, "shares"))
		take_shares(im, get(v, "shares"));
	oci_here(im, "/linux/resources/cpu/quota");
	if (json_object_get(v, "quota") && unlimited(quota))
		oci_tighten(im, "/limits/cpus", "no container is without a limit: one CPU");
	else if (quota > 0)
		set_cpus(im, quota, period);
	oci_here(im, "/linux/resources/cpu/cpus");
	if (json_string_length(json_object_get(v, "cpus")))
		door_set(im->door, "/limits/cpuset", json_incref(json_object_get(v, "cpus")));
}

void take_pids(struct oci_import *im, json_t *v)
{
	oci_here(im, "/linux/resources/pids/limit");
	if (!json_object_get(v, "limit"))
		return;
	if (unlimited(get(v, "limit")))
		oci_tighten(im, "/limits/pids", "no container is without a limit: 256");
	else
		door_set(im->door, "/limits/pids", json_integer(get(v, "limit")));
}

/* --- disks --- */

/* The entry of the disk with this number, made if it is not there; its index. */
static size_t disk(struct oci_import *im, const char *path)
{
	json_t *io = door_get(im->door, "/limits/io"), *entry;
	size_t i;

	json_array_foreach(io, i, entry)
		if (strcmp(json_string_value(json_object_get(entry, "path")), path) == 0)
			return i;
	door_set(im->door, "/limits/io/-", json_pack("{s:s}", "path", path));
	return json_array_size(door_get(im->door, "/limits/io")) - 1;
}

void take_block_io(struct oci_import *im, json_t *v)
{
	static const struct { const char *field, *key; } rates[] = {
		{ "throttleReadBpsDevice", "rbps" }, { "throttleWriteBpsDevice", "wbps" },
		{ "throttleReadIOPSDevice", "riops" }, { "throttleWriteIOPSDevice", "wiops" },
	};
	json_t *entry;
	size_t i;

	for (size_t r = 0; r < COUNT(rates); r++)
		json_array_foreach(json_object_get(v, rates[r].field), i, entry) {
			char path[64], pointer[64];

			oci_here(im, "/linux/resources/blockIO/%s/%zu", rates[r].field, i);
			if (get(entry, "rate") <= 0)
				continue;
			/* udev's name for a number; the numbers themselves are the host's either way. */
			snprintf(path, sizeof(path), "/dev/block/%lld:%lld", (long long)get(entry, "major"), (long long)get(entry, "minor"));
			snprintf(pointer, sizeof(pointer), "/limits/io/%zu/%s", disk(im, path), rates[r].key);
			door_set(im->door, pointer, json_integer(get(entry, "rate")));
		}
}

/* --- files of the cgroup --- */

enum form { BYTES, COUNT_OF, SWITCH, QUOTA, LIST };
static const struct { const char *file, *pointer; enum form form; } files[] = {
	{ "memory.max", "/limits/memory", BYTES }, { "memory.high", "/limits/memory_high", BYTES },
	{ "memory.swap.max", "/limits/swap", BYTES }, { "memory.oom.group", "/limits/oom_group", SWITCH },
	{ "cpu.max", "/limits/cpus", QUOTA }, { "cpu.weight", "/limits/cpu_weight", COUNT_OF },
	{ "pids.max", "/limits/pids", COUNT_OF }, { "cpuset.cpus", "/limits/cpuset", LIST },
};

static void take_file(struct oci_import *im, size_t i, const char *text)
{
	long long quota, period = 100000;
	uint64_t n;

	if (strncmp(text, "max", 3) == 0)
		oci_tighten(im, files[i].pointer, "no limit is not taken over");
	else if (files[i].form == LIST)
		door_set(im->door, files[i].pointer, json_string(text));
	else if (files[i].form == QUOTA && sscanf(text, "%lld %lld", &quota, &period) >= 1 && quota > 0)
		set_cpus(im, quota, period);
	else if (files[i].form == QUOTA || !unit_decimal(text, &n) || n > INT64_MAX || (files[i].form == SWITCH && n > 1))
		oci_refuse(im, "as the kernel's file has it", "no value for %s", files[i].file);
	else
		door_set(im->door, files[i].pointer, files[i].form == SWITCH ? json_boolean(n) : json_integer((json_int_t)n));
}

void take_unified(struct oci_import *im, json_t *v)
{
	const char *name;
	json_t *value;
	size_t i;

	json_object_foreach(v, name, value) {
		for (i = 0; i < COUNT(files) && strcmp(files[i].file, name) != 0; i++)
			;
		oci_here(im, "/linux/resources/unified/%.60s", name);
		if (!json_is_string(value))
			continue;
		if (i == COUNT(files))
			oci_refuse(im, "memory.max, memory.high, cpu.max, cpu.weight, pids.max ...", "no file that is written here");
		else
			take_file(im, i, json_string_value(value));
	}
}
