/* docker_limits.c - docker run: how much of the machine.
 *
 * Docker limits nothing that it is not told to, and takes 0 or -1 for "no limit". The policy has a limit for
 * everything, so that is where its default stays. */
#include "docker.h"

#include "../base/cleanup.h"
#include "../policy/units.h"

#include <string.h>

enum { DOCKER_PERIOD = 100000, DOCKER_SHARES = 1024, WEIGHT = 100, WEIGHT_MAX = 10000 };

static json_t *size_value(uint64_t bytes)
{
	char text[UNIT_MAX];

	unit_print_size(bytes, text);
	return text[strspn(text, "0123456789")] ? json_string(text) : json_integer((json_int_t)bytes);
}

static bool take_bytes(struct docker_import *im, const char *text, uint64_t *ret)
{
	if (docker_bytes(text, ret))
		return true;
	refuse(im, NULL, "want bytes, or a size such as 512m");
	return false;
}

/* --- memory --- */

void take_memory(struct docker_import *im, const struct given *g)
{
	uint64_t bytes;

	if (!take_bytes(im, g->value, &bytes))
		return;
	if (bytes == 0)
		tighten(im, "/limits/memory", NULL, "docker sets no limit; here it is 512M");
	else
		door_set(im->door, "/limits/memory", size_value(bytes));
}

/* docker's number is memory and swap together. */
static void take_swap(struct docker_import *im, const struct given *memory, const char *total)
{
	uint64_t both, limit;

	if (strcmp(total, "-1") == 0)
		return tighten(im, "/limits/swap", "--memory-swap TOTAL", "docker would swap without limit; here nothing is swapped");
	if (!take_bytes(im, total, &both) || both == 0)
		return;
	if (!memory || !docker_bytes(memory->value, &limit) || limit == 0)
		refuse(im, "--memory as well", "it is the sum of memory and swap");
	else if (both < limit)
		refuse(im, NULL, "less than --memory: it is the sum of memory and swap");
	else
		door_set(im->door, "/limits/swap", size_value(both - limit));
}

void conclude_memory(struct docker_import *im)
{
	const struct given *swap = docker_last(&im->line, "memory-swap"), *memory = docker_last(&im->line, "memory");

	if (swap) {
		here(im, swap);
		take_swap(im, memory, swap->value);
	}
}

void take_shm_size(struct docker_import *im, const struct given *g)
{
	uint64_t bytes;

	if (take_bytes(im, g->value, &bytes) && bytes > 0)	/* 0 is docker's default, and that is ours */
		door_set(im->door, "/shm", size_value(bytes));
}

/* --- CPUs --- */

static void set_cpus(struct docker_import *im, uint64_t millionths)
{
	door_set(im->door, "/limits/cpus", json_real((double)millionths / 1e6));
}

void take_cpus(struct docker_import *im, const struct given *g)
{
	uint64_t millionths;

	if (!docker_millionths(g->value, &millionths))
		refuse(im, NULL, "want a number of CPUs such as 0.5");
	else if (millionths == 0)
		tighten(im, "/limits/cpus", NULL, "docker sets no limit; here it is one CPU");
	else
		set_cpus(im, millionths);
}

void conclude_cpus(struct docker_import *im)
{
	const struct given *quota = docker_last(&im->line, "cpu-quota"), *period = docker_last(&im->line, "cpu-period");
	int64_t q = 0, p = DOCKER_PERIOD;

	if (!quota && !period)
		return;
	here(im, quota ? quota : period);
	if ((quota && !docker_int(quota->value, &q)) || (period && !docker_int(period->value, &p)) || p < 0)
		return refuse(im, NULL, "want microseconds");
	p = p ? p : DOCKER_PERIOD;
	if (docker_last(&im->line, "cpus"))
		return refuse(im, "keep one of the two", "--cpus says the same");
	if (q <= 0)
		return tighten(im, "/limits/cpus", NULL, "docker sets no limit; here it is one CPU");
	if (q > INT64_MAX / 1000000)
		return refuse(im, NULL, "want microseconds");
	set_cpus(im, (uint64_t)(q * 1000000 / p));
}

/* The same proportion: what is left alone has 1024 there and 100 here. */
void take_cpu_shares(struct docker_import *im, const struct given *g)
{
	int64_t shares, weight;

	if (!docker_int(g->value, &shares) || shares < 0 || shares > 262144)
		return refuse(im, NULL, "want a number up to 262144");
	weight = (shares * WEIGHT + DOCKER_SHARES / 2) / DOCKER_SHARES;
	if (shares > 0)
		door_set(im->door, "/limits/cpu_weight", json_integer(weight < 1 ? 1 : weight > WEIGHT_MAX ? WEIGHT_MAX : weight));
}

void take_cpuset(struct docker_import *im, const struct given *g)
{
	if (*g->value)
		door_set(im->door, "/limits/cpuset", json_string(g->value));
}

/* --- processes --- */

void take_pids_limit(struct docker_import *im, const struct given *g)
{
	int64_t n;

	if (!docker_int(g->value, &n))
		refuse(im, NULL, "want a number");
	else if (n <= 0)
		tighten(im, "/limits/pids", "--pids-limit N", "docker sets no limit; here it is 256 processes");
	else
		door_set(im->door, "/limits/pids", json_integer(n));
}

void take_oom_score_adj(struct docker_import *im, const struct given *g)
{
	int64_t n;

	if (!docker_int(g->value, &n) || n < -1000 || n > 1000)
		refuse(im, NULL, "want a number from -1000 to 1000");
	else if (n < 0)
		tighten(im, NULL, "OOMScoreAdjust= in the unit that starts it", "the workload is no safer from the OOM killer than others");
	else if (n > 0)
		refuse(im, "OOMScoreAdjust= in the unit that starts it", "there is no key for it");
}

/* --- rlimits --- */

static const struct { const char *name; bool key; } ulimits[] = {
	{ "core", true }, { "cpu", true }, { "fsize", true }, { "memlock", true }, { "msgqueue", true }, { "nofile", true },
	{ "nproc", true }, { "rtprio", true }, { "sigpending", true }, { "stack", true }, { "as", true },
	{ "data", false }, { "locks", false }, { "nice", false }, { "rss", false }, { "rttime", false },
};

static json_t *rlimit_value(int64_t n)
{
	return n < 0 ? json_string("unlimited") : json_integer(n);
}

static void set_ulimit(struct docker_import *im, const char *name, int64_t soft, int64_t hard)
{
	char pointer[64];

	snprintf(pointer, sizeof(pointer), "/limits/rlimits/%s", name);
	if (hard != -1 && (soft == -1 || soft > hard))
		return refuse(im, NULL, "the soft limit is above the hard one");
	if (soft != hard)
		tighten(im, pointer, NULL, "soft and hard limit are one: the soft");
	door_set(im->door, pointer, rlimit_value(soft));
}

/* name=soft[:hard]; -1 is no limit. */
void take_ulimit(struct docker_import *im, const struct given *g)
{
	_auto(free_mem) char *name = strdup(g->value);
	char *soft = name ? docker_split(name, '=') : NULL, *hard = soft ? docker_split(soft, ':') : NULL;
	int64_t s, h;

	if (!soft || !docker_int(soft, &s) || (hard && !docker_int(hard, &h)) || s < -1)
		return refuse(im, NULL, "want NAME=SOFT[:HARD]");
	for (size_t i = 0; i < COUNT(ulimits); i++)
		if (strcmp(ulimits[i].name, name) == 0) {
			if (ulimits[i].key)
				set_ulimit(im, name, s, hard ? h : s);
			else
				refuse(im, "--memory and --cpus bind what it runs as a whole", "there is no key for it");
			return;
		}
	refuse(im, NULL, "there is no such limit");
}

/* --- disks --- */

/* The entry of this device, made where there is none. */
static size_t io_entry(struct docker_import *im, const char *path)
{
	json_t *list = door_get(im->door, "/limits/io"), *v;
	size_t i, end = json_array_size(list);

	json_array_foreach(list, i, v)
		if (strcmp(json_string_value(json_object_get(v, "path")), path) == 0)
			return i;
	door_set(im->door, "/limits/io/-", json_pack("{s:s}", "path", path));
	return end;
}

/* PATH:RATE */
void take_io(struct docker_import *im, const struct given *g)
{
	static const char *const rows[][2] = {
		{ "device-read-bps", "rbps" }, { "device-write-bps", "wbps" }, { "device-read-iops", "riops" }, { "device-write-iops", "wiops" },
	};
	_auto(free_mem) char *path = strdup(g->value);
	char *rate = path ? docker_split(path, ':') : NULL, pointer[64];
	uint64_t n;

	for (size_t i = 0; i < COUNT(rows); i++) {
		bool bytes = strstr(rows[i][0], "bps");

		if (!docker_is(g, rows[i][0]))
			continue;
		if (!rate || *path != '/' || !(bytes ? docker_bytes(rate, &n) : unit_decimal(rate, &n)) || n > INT64_MAX)
			return refuse(im, NULL, "want DEVICE:RATE");
		snprintf(pointer, sizeof(pointer), "/limits/io/%zu/%s", io_entry(im, path), rows[i][1]);
		door_set(im->door, pointer, bytes ? size_value(n) : json_integer((json_int_t)n));
	}
}
