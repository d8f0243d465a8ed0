/* verb_update.c - update: other limits for a container that is there, from options or as linux.resources.
 *
 * What is new is laid over the container's config.json, held against the host's floor and planned as a whole as for a new container,
 * and written where it differs: the one way from resources to files. The config.json of the state says afterwards what holds. */
#include "container.h"
#include "document.h"
#include "plan.h"
#include "runtime.h"

#include "../controls/limits.h"
#include "../launch/cgroup_held.h"
#include "../launch/unit.h"
#include "../policy/units.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

enum form { NUMBER, BYTES, TEXT };
enum { OPT_FIRST = 400, ARENA_SIZE = 16 << 20, RESOURCES_MAX = 1 << 20 };

/* runc's options, and where each belongs. Those of cgroup v1 are taken, and end where config.json's do. */
static const struct { const char *name, *group, *field; enum form form; } rows[] = {
	{ "blkio-weight", "blockIO", "weight", NUMBER }, { "cpu-period", "cpu", "period", NUMBER }, { "cpu-quota", "cpu", "quota", NUMBER },
	{ "cpu-burst", "cpu", "burst", NUMBER }, { "cpu-share", "cpu", "shares", NUMBER }, { "cpu-rt-period", "cpu", "realtimePeriod", NUMBER },
	{ "cpu-rt-runtime", "cpu", "realtimeRuntime", NUMBER }, { "cpuset-cpus", "cpu", "cpus", TEXT }, { "cpuset-mems", "cpu", "mems", TEXT },
	{ "cpu-idle", "cpu", "idle", NUMBER }, { "memory", "memory", "limit", BYTES }, { "memory-reservation", "memory", "reservation", BYTES },
	{ "memory-swap", "memory", "swap", BYTES }, { "kernel-memory", "memory", "kernel", BYTES },
	{ "kernel-memory-tcp", "memory", "kernelTCP", BYTES }, { "pids-limit", "pids", "limit", NUMBER },
};

#define LONG(i, name) { name, required_argument, NULL, OPT_FIRST + (i) }
static const struct option update_options[] = {
	LONG(0, "blkio-weight"), LONG(1, "cpu-period"), LONG(2, "cpu-quota"), LONG(3, "cpu-burst"), LONG(4, "cpu-share"), LONG(5, "cpu-rt-period"),
	LONG(6, "cpu-rt-runtime"), LONG(7, "cpuset-cpus"), LONG(8, "cpuset-mems"), LONG(9, "cpu-idle"), LONG(10, "memory"),
	LONG(11, "memory-reservation"), LONG(12, "memory-swap"), LONG(13, "kernel-memory"), LONG(14, "kernel-memory-tcp"), LONG(15, "pids-limit"),
	{ "resources", required_argument, NULL, 'r' }, { "help", no_argument, NULL, 'h' }, { 0 },
};
_Static_assert(COUNT(update_options) == COUNT(rows) + 3, "an option for each row");

/* "536870912", "512M", "512mb"; -1: none. */
static bool parse_bytes(const char *text, json_int_t *ret)
{
	static const char units[] = "bkmgt";
	char *end;
	long long n = strtoll(text, &end, 10);
	const char *unit = *end ? strchr(units, *end | 0x20) : units;

	if (end == text || !unit || (*end && end[1] && strcasecmp(end + 1, "b") != 0 && strcasecmp(end + 1, "ib") != 0) || n < -1)
		return false;
	for (; unit > units && n > 0; unit--)
		if (__builtin_mul_overflow(n, 1024, &n))
			return false;
	*ret = n;
	return true;
}

static int read_resources(struct runtime *rt, const char *file, struct err *e)
{
	_auto(close_fd) int fd = strcmp(file, "-") == 0 ? dup(STDIN_FILENO) : open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	_auto(free_mem) char *text = malloc(RESOURCES_MAX);
	json_error_t why;
	size_t used = 0;
	ssize_t n = 1;

	while (fd >= 0 && text && n > 0 && used < RESOURCES_MAX) {
		n = read(fd, text + used, RESOURCES_MAX - used);
		used += n > 0 ? (size_t)n : 0;
	}
	if (fd < 0 || !text || n < 0 || used == RESOURCES_MAX)
		return err_set(e, ERR_USAGE, errno, NULL, "cannot read the resources '%.100s'", file);
	json_decref(rt->resources);
	rt->resources = json_loadb(text, used, JSON_REJECT_DUPLICATES, &why);
	if (json_is_object(rt->resources))
		return 0;
	return err_set(e, ERR_USAGE, 0, "an object like linux.resources", "the resources '%.60s' make no sense: %.80s", file,
		       rt->resources ? "no object" : why.text);
}

static int option(struct runtime *rt, int opt, const char *arg, struct err *e)
{
	size_t i = (size_t)(opt - OPT_FIRST);
	json_int_t n = 0;
	json_t *group;
	char *end;

	if (opt == 'r')
		return read_resources(rt, arg, e);
	if (i >= COUNT(rows))
		return err_set(e, ERR_USAGE, 0, NULL, "unknown option");
	if (rows[i].form == NUMBER)
		n = strtoll(arg, &end, 10);
	if ((rows[i].form == NUMBER && (end == arg || *end)) || (rows[i].form == BYTES && !parse_bytes(arg, &n)))
		return err_set(e, ERR_USAGE, 0, rows[i].form == NUMBER ? "a number" : "bytes, or 512M; -1: none", "--%s: '%.64s'", rows[i].name, arg);
	if (!rt->resources)
		rt->resources = json_object();
	group = json_object_get(rt->resources, rows[i].group);
	if (!group)
		json_object_set_new(rt->resources, rows[i].group, group = json_object());
	if (json_object_set_new(group, rows[i].field, rows[i].form == TEXT ? json_string(arg) : json_integer(n)) < 0)
		return err_set(e, ERR_USAGE, 0, "with --resources, options go into its objects", "--%s", rows[i].name);
	return 0;
}

/* --- the change --- */

/* One side of it: text, its config.json, and the limits that this asks for. */
struct side {
	struct arena arena;
	struct oci_spec spec;
	struct plan plan;
};

static int make_side(struct side *s, struct oci_wish *wish, const char *text, bool bind, struct err *e)
{
	int r = arena_init(&s->arena, ARENA_SIZE);

	if (r < 0)
		return spec_no_memory(e);
	if (spec_parse(&s->spec, wish, text, strlen(text), &s->arena, e) < 0 || (bind && oci_bind(&s->spec, wish, &s->arena, e) < 0))
		return -1;
	return oci_plan_resources(&s->spec, &s->plan, &s->arena, e);
}

/* Objects member by member; a member that is nothing keeps what there was, as engines send them. */
static int lay_over(json_t *base, json_t *over)
{
	const char *name;
	json_t *v;

	json_object_foreach(over, name, v) {
		json_t *below = json_object_get(base, name);

		if (json_is_null(v))
			continue;
		if (json_is_object(v) && json_is_object(below) ? lay_over(below, v) < 0 : json_object_set_new(base, name, json_deep_copy(v)) < 0)
			return -1;
	}
	return 0;
}

static char *merged(const char *text, json_t *resources, struct err *e)
{
	json_auto_t *config = oci_document_read(text, strlen(text), e);
	json_t *parent = json_object_get(config, "linux"), *memory = json_object_get(resources, "memory"), *own;

	/* As runc has it: without a word about swap, "no limit" is one for both, whatever swap was before. */
	if (json_integer_value(json_object_get(memory, "limit")) == -1 && !json_integer_value(json_object_get(memory, "swap")) &&
	    json_object_set_new(memory, "swap", json_integer(-1)) < 0)
		return NULL;
	if (!parent && json_object_set_new(config, "linux", parent = json_object()) < 0)
		return NULL;
	own = json_object_get(parent, "resources");
	if (!json_is_object(own) && json_object_set_new(parent, "resources", own = json_object()) < 0)
		return NULL;
	return lay_over(own, resources) < 0 ? NULL : oci_document_write(config);
}

static void note(void *ctx, const char *text)
{
	const struct runtime *rt = ctx;

	if (rt->wish.warn)
		rt->wish.warn(text);
}

/* The scope's properties, or systemd would write its own values on the next occasion. It rounds them, so ours are written again. */
static int tell_systemd(const struct oci_container *c, int dir, const struct plan *new, struct err *e)
{
	const char *scope = json_string_value(json_object_get(c->json, "scope"));

	if (!scope)
		return 0;
	if (unit_set_limits(&sys_kernel, scope, new, e) < 0)
		return -1;
	for (size_t i = 0; i < new->n_limits; i++)
		if (limit_write(&sys_kernel, dir, &new->limits[i], e) < 0)
			return -1;
	return 0;
}

/* config-linux.md, "Memory": with cgroup v2 a limit below what is in use would be the end of somebody. */
static int check_before(const struct side *new, int dir, struct err *e)
{
	char now[32];
	ssize_t r;

	if (!spec_true(spec_get(&new->spec, "/linux/resources/memory"), "checkBeforeUpdate"))
		return 0;
	for (size_t i = 0; i < new->plan.n_limits; i++) {
		const struct limit *l = &new->plan.limits[i];

		if (strcmp(l->file, "memory.max") != 0 || strcmp(l->text, "max") == 0)
			continue;
		r = sys_read_file(&sys_kernel, dir, "memory.current", now, sizeof(now));
		if (r <= 0)
			return err_set(e, ERR_HOST, (int)r, "leave checkBeforeUpdate out", "cannot read what memory is in use");
		if (strtoull(l->text, NULL, 10) >= strtoull(now, NULL, 10))
			continue;
		err_set(e, ERR_USAGE, 0, "checkBeforeUpdate asks for that", "memory in use is %.*s, more than the new limit %s",
			(int)strcspn(now, "\n"), now, l->text);
		return err_at(e, "/linux/resources/memory/limit");
	}
	return 0;
}

static int change(struct runtime *rt, struct oci_container *c, struct side *old, struct side *new, struct err *e)
{
	_auto(free_mem) char *was = NULL, *is = NULL;
	_auto(close_fd) int dir = -1;
	struct err ignored = { 0 };

	rt->wish.id = c->state.name;
	rt->wish.bundle = json_string_value(json_object_get(c->json, "bundle"));
	rt->wish.systemd_cgroup = json_object_get(c->json, "scope");
	if (state_read(&c->state, "config.json", &was, e) < 0)
		return -1;
	is = merged(was, rt->resources, e);
	if (!is)
		return e->kind == ERR_NONE ? spec_no_memory(e) : -1;
	if (make_side(old, &rt->wish, was, false, e) < 0 || make_side(new, &rt->wish, is, true, e) < 0)
		return -1;
	dir = oci_container_cgroup(c, e);
	if (dir < 0 || check_before(new, dir, e) < 0 || cgroup_update(&sys_kernel, dir, &old->plan, &new->plan, note, rt, e) < 0)
		return -1;
	if (tell_systemd(c, dir, &new->plan, e) == 0 && state_write(&c->state, "config.json", new->spec.text, new->spec.len, e) == 0)
		return 0;
	(void)!cgroup_update(&sys_kernel, dir, &new->plan, &old->plan, note, rt, &ignored);
	(void)!tell_systemd(c, dir, &old->plan, &ignored);
	return -1;
}

static int update(struct runtime *rt, struct oci_container *c, struct err *e)
{
	_auto(free_mem) struct side *sides = calloc(2, sizeof(*sides));
	int r;

	if (!sides)
		return spec_no_memory(e);
	if (oci_container_status(c) == OCI_STOPPED)
		return err_set(e, ERR_USAGE, 0, NULL, "container not running: '%s'", c->state.name);
	r = change(rt, c, &sides[0], &sides[1], e);
	for (size_t i = 0; i < 2; i++) {
		spec_free(&sides[i].spec);
		arena_free(&sides[i].arena);
	}
	return r;
}

static int update_verb(struct runtime *rt, int argc, char **argv, struct err *e)
{
	_auto(oci_container_close) struct oci_container c = OCI_CONTAINER_NONE;
	int r = the_container(rt, argc, argv, true, &c, e);

	if (r == 0 && rt->resources)
		r = update(rt, &c, e);
	json_decref(rt->resources);
	rt->resources = NULL;
	return r;
}

const struct verb verb_update = {
	.name = "update", .usage = "[--resources FILE | --memory BYTES --cpu-quota N ...] ID", .summary = "other limits for a container",
	.shorts = "hr:", .longs = update_options, .run = update_verb, .option = option,
};
