/* hook_poststop.c - poststop: the container is gone. Its end is written down, and what createRuntime left in a network
 * namespace that others live on in is taken away. */
#include "hook_state.h"
#include "ports.h"

#include "../base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>

/* Rules in a namespace of its own went with it; one by path may stay. */
static const char *network_of(const json_t *config)
{
	json_t *v;
	size_t i;

	json_array_foreach(json_object_get(json_object_get(config, "linux"), "namespaces"), i, v) {
		const char *type = json_string_value(json_object_get(v, "type"));

		if (type && strcmp(type, "network") == 0)
			return json_string_value(json_object_get(v, "path"));
	}
	return NULL;
}

static int release(const struct hook_state *s, const struct hook_bounds *b, struct err *e)
{
	const char *path = network_of(s->config);
	char name[HOOK_TABLE], table[HOOK_TABLE + 24];
	_auto(close_fd) int fd = path ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) : -1;
	struct oci_facts facts;

	oci_facts_here(&facts);
	if (fd < 0 || facts.host_namespace("network", path))
		return 0;
	if (sys_setns(&sys_kernel, fd, CLONE_NEWNET) < 0)
		return 0;	/* not a namespace any more */
	hook_table_name(s, name);
	for (size_t i = 0; i < b->n; i++) {
		if (!b->bound[i].connect && !b->bound[i].listen)
			continue;
		snprintf(table, sizeof(table), "%s-%zu", name, i);
		if (ports_release(&sys_kernel, table, e) < 0)
			return HOOK_HOST;
	}
	return 0;
}

int hook_poststop(struct hook *h, struct err *e)
{
	struct hook_bounds *b = calloc(1, sizeof(*b));
	struct hook_state s = { .root = NULL };
	struct err quiet = { 0 };
	int r = b ? hook_state_read(h, false, &s, e) : HOOK_HOST;

	/* The bundle may be gone as well; that the container is gone is written down all the same. */
	if (r == 0 && hook_state_config(&s, &quiet) == 0 && hook_bounds_load(h, s.config, b, &quiet) == 0)
		r = release(&s, b, e);
	if (s.id && hook_record(h, "stopped", s.id, b, NULL, s.len ? s.sha256 : NULL, e) < 0)
		r = HOOK_HOST;
	hook_state_free(&s);
	if (b)
		hook_bounds_free(b);
	free(b);
	return r;
}
