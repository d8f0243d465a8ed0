/* verb_events.c - events: what a container uses, and that it ran out of memory, in the shape in which runc tells it
 * (`runc events`), since that is what programs read. Times are nanoseconds there. */
#include "container.h"
#include "document.h"
#include "runtime.h"

#include "../base/sys.h"
#include "../launch/cgroup_held.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <time.h>

enum { OPT_STATS = 300, OPT_INTERVAL };
static const struct option events_options[] = {
	{ "stats", no_argument, NULL, OPT_STATS }, { "interval", required_argument, NULL, OPT_INTERVAL }, { "help", no_argument, NULL, 'h' }, { 0 },
};

static json_t *number(uint64_t v)
{
	return json_integer(v == CGROUP_NONE || v > INT64_MAX ? 0 : (json_int_t)v);
}

_Static_assert(CGROUP_NONE == UINT64_MAX, "a limit that is none is told as the greatest number there");

static json_t *ns(uint64_t usec)
{
	return number(usec == CGROUP_NONE ? 0 : usec * 1000);
}

static json_t *pressure_part(const struct cgroup_pressure *p)
{
	return json_pack("{s:f, s:f, s:f, s:o}", "avg10", (double)p->avg10 / 100, "avg60", (double)p->avg60 / 100, "avg300", (double)p->avg300 / 100,
			 "total", number(p->total));
}

static void put_pressure(json_t *o, const struct cgroup_stats *s, enum cgroup_resource which)
{
	if (s->pressure[which].some.total != CGROUP_NONE)
		json_object_set_new(o, "psi", json_pack("{s:o, s:o}", "some", pressure_part(&s->pressure[which].some), "full",
							pressure_part(&s->pressure[which].full)));
}

static json_t *cpu(const struct cgroup_stats *s)
{
	json_t *o = json_pack("{s:{s:o, s:o, s:o}, s:{s:o, s:o, s:o}}", "usage", "total", ns(s->cpu.usage), "kernel", ns(s->cpu.system), "user",
			      ns(s->cpu.user), "throttling", "periods", number(s->cpu.periods), "throttledPeriods", number(s->cpu.throttled),
			      "throttledTime", ns(s->cpu.throttled_usec));

	put_pressure(o, s, USES_CPU);
	return o;
}

static json_t *memory(const struct cgroup_stats *s)
{
	json_t *o = json_pack("{s:o, s:{s:o, s:o, s:o, s:o}, s:{s:o, s:o, s:i, s:i}, s:{}, s:{}}", "cache", number(s->memory.file),
			      "usage", "limit", oci_number(s->memory.max), "usage", number(s->memory.current), "max", number(s->memory.peak),
			      "failcnt", number(s->memory.events.max), "swap", "limit", oci_number(s->memory.swap_max), "usage",
			      number(s->memory.swap), "max", 0, "failcnt", 0, "kernel", "kernelTCP");

	json_object_set_new(o, "raw", json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "anon", number(s->memory.anon), "file",
						number(s->memory.file), "inactive_file", number(s->memory.inactive_file), "kernel_stack",
						number(s->memory.kernel_stack), "slab", number(s->memory.slab), "sock", number(s->memory.sock),
						"shmem", number(s->memory.shmem), "file_mapped", number(s->memory.mapped), "pgfault",
						number(s->memory.pgfault), "pgmajfault", number(s->memory.pgmajfault)));
	put_pressure(o, s, USES_MEMORY);
	return o;
}

static json_t *entry(const struct cgroup_disk *d, const char *op, uint64_t v)
{
	return json_pack("{s:i, s:i, s:s, s:o}", "major", (int)d->major, "minor", (int)d->minor, "op", op, "value", number(v));
}

static json_t *blkio(const struct cgroup_stats *s)
{
	json_t *bytes = json_array(), *operations = json_array(), *o;

	for (size_t i = 0; i < s->n_disks; i++) {
		const struct cgroup_disk *d = &s->disk[i];

		json_array_append_new(bytes, entry(d, "Read", d->rbytes));
		json_array_append_new(bytes, entry(d, "Write", d->wbytes));
		json_array_append_new(operations, entry(d, "Read", d->rios));
		json_array_append_new(operations, entry(d, "Write", d->wios));
	}
	o = json_pack("{s:o, s:o}", "ioServiceBytesRecursive", bytes, "ioServicedRecursive", operations);
	put_pressure(o, s, USES_IO);
	return o;
}

static int print(json_t *event, struct err *e)
{
	_auto(free_mem) char *text = event ? oci_document_write(event) : NULL;

	json_decref(event);
	if (!text || puts(text) == EOF || fflush(stdout) != 0)
		return err_set(e, ERR_HOST, errno, NULL, "cannot print it");
	return 0;
}

static int print_stats(const char *id, int dir, struct err *e)
{
	struct cgroup_stats s;
	int r = cgroup_stats(&sys_kernel, dir, &s);

	if (r < 0)
		return err_set(e, ERR_HOST, r, NULL, "cannot read the cgroup of '%s'", id);
	return print(json_pack("{s:s, s:s, s:{s:o, s:o, s:{s:o, s:o}, s:o, s:{}, s:{}, s:{}, s:n}}", "type", "stats", "id", id, "data",
			       "cpu", cpu(&s), "memory", memory(&s), "pids", "current", number(s.pids.current), "limit",
			       s.pids.max == CGROUP_NONE ? json_integer(0) : number(s.pids.max), "blkio", blkio(&s), "cpuset", "hugetlb", "intel_rdt",
			       "network_interfaces"), e);
}

static uint64_t oom_kills(int dir)
{
	char text[512];

	return sys_read_file(&sys_kernel, dir, "memory.events", text, sizeof(text)) < 0 ? 0 : cgroup2_value(text, "oom_kill");
}

/* The kernel wakes whoever polls memory.events when it has changed (cgroup-v2.rst). Until the container ends. */
static int watch(const struct runtime *rt, const char *id, int dir, int pidfd, struct err *e)
{
	_auto(close_fd) int events = sys_open(&sys_kernel, dir, "memory.events", O_RDONLY);
	struct pollfd p[] = { { .fd = pidfd, .events = POLLIN }, { .fd = events, .events = POLLPRI } };
	uint64_t kills = oom_kills(dir);
	int r = 0;

	while (r == 0 && !(p[0].revents & POLLIN)) {
		char text[512];
		uint64_t now;

		r = print_stats(id, dir, e);
		if (r == 0 && poll(p, COUNT(p), (int)(rt->interval ? rt->interval : 5) * 1000) < 0 && errno != EINTR)
			r = err_set(e, ERR_HOST, errno, NULL, "cannot wait for events");
		if (events >= 0 && p[1].revents)
			(void)!pread(events, text, sizeof(text), 0);	/* else it stays ready */
		now = oom_kills(dir);
		if (r == 0 && now > kills)
			r = print(json_pack("{s:s, s:s}", "type", "oom", "id", id), e);
		kills = now;
	}
	return r;
}

static int events_verb(struct runtime *rt, int argc, char **argv, struct err *e)
{
	_auto(oci_container_close) struct oci_container c = OCI_CONTAINER_NONE;
	_auto(close_fd) int pidfd = -1, dir = -1;

	if (the_container(rt, argc, argv, false, &c, e) < 0)
		return -1;
	pidfd = oci_container_pidfd(&c);
	if (pidfd < 0)
		return err_set(e, ERR_USAGE, 0, NULL, "container not running: '%s'", c.state.name);
	dir = oci_container_cgroup(&c, e);
	if (dir < 0)
		return -1;
	return rt->stats ? print_stats(c.state.name, dir, e) : watch(rt, c.state.name, dir, pidfd, e);
}

/* "5s" as runc has it, or "5". */
static int option(struct runtime *rt, int opt, const char *arg, struct err *e)
{
	char *end;
	unsigned long n;

	if (opt == OPT_STATS) {
		rt->stats = true;
		return 0;
	}
	n = strtoul(arg, &end, 10);
	if (*arg < '0' || *arg > '9' || (*end && strcmp(end, "s") != 0) || n == 0 || n > 86400)
		return err_set(e, ERR_USAGE, 0, "seconds: 5s", "--interval: '%.32s'", arg);
	rt->interval = (unsigned)n;
	return 0;
}

const struct verb verb_events = {
	.name = "events", .usage = "[--stats] [--interval TIME] ID",
	.summary = "what a container uses, every 5 seconds (or --interval) or once (--stats), and when it runs out of memory",
	.shorts = "h", .longs = events_options, .run = events_verb, .option = option,
};
