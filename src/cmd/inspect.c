/* inspect.c - `casemate inspect`: everything that is known of one container: its policy with all defaults, the record of its
 * launch, how it ended, and what the kernel counts of it now. */
#include "../launch/container.h"
#include "../policy/policy.h"
#include "cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <string.h>

static json_t *effective_policy(const struct container *c, struct err *e)
{
	_auto(arena_free) struct arena a = { 0 };
	struct policy_source src;
	const char *json;

	if (arena_init(&a, POLICY_ARENA_SIZE) < 0)
		return NULL;
	return container_source(c, &a, &src, e) < 0 || policy_effective(&src, &a, &json, e) < 0 ? NULL : json_loads(json, 0, NULL);
}

/* Of each file of the cgroup: a number, or the text as it is. */
static json_t *value_of(const char *text)
{
	char *end;
	long long n = strtoll(text, &end, 10);

	return end != text && *end == '\0' ? json_integer(n) : json_string(text);
}

static json_t *live(const struct container *c)
{
	static const char *const files[] = {
		"memory.current", "memory.peak", "memory.max", "memory.swap.current", "memory.events", "cpu.max", "cpu.stat", "pids.current",
		"pids.peak", "pids.max", "pids.events", "cgroup.events", "cgroup.freeze", "memory.pressure", "cpu.pressure", "io.pressure", "io.stat",
	};
	struct err ignored = { 0 };
	_auto(close_fd) int dir = container_cgroup(c, &ignored);
	json_t *o = json_object();
	char text[4096];

	for (size_t i = 0; dir >= 0 && i < COUNT(files); i++) {
		ssize_t n = sys_read_file(&sys_kernel, dir, files[i], text, sizeof(text));

		if (n < 0)
			continue;	/* a controller that was not asked for, a file of a newer kernel */
		if (n > 0 && text[n - 1] == '\n')
			text[n - 1] = '\0';
		json_object_set_new(o, files[i], value_of(text));
	}
	return o;
}

static const char *const phases[] = { [STATE_RUNNING] = "running", [STATE_ENDED] = "ended", [STATE_LOST] = "lost" };

static json_t *inspect(const char *name, struct err *e)
{
	_auto(container_close) struct container c = CONTAINER_NONE;
	_auto(free_mem) char *exited = NULL;
	json_t *policy, *o;

	if (container_find(&c, name, e) < 0)
		return NULL;
	policy = effective_policy(&c, e);
	if (!policy || (c.phase == STATE_ENDED && state_read_exit(&c.state, &exited, e) < 0)) {
		json_decref(policy);
		return NULL;
	}
	o = json_pack("{s:s, s:s, s:o, s:O}", "name", name, "status", phases[c.phase], "policy", policy, "launched", c.record);
	if (exited)
		json_object_set_new(o, "exited", json_loads(exited, 0, NULL));
	if (c.phase == STATE_RUNNING) {
		json_object_set_new(o, "live", live(&c));
		json_object_set_new(o, "health", container_health(&c));
	}
	return o;
}

static int inspect_one(const char *name, void *ctx, struct err *e)
{
	json_t *one = inspect(name, e);

	if (one)
		return json_array_append_new(ctx, one);
	return e->kind == ERR_NONE ? err_set(e, ERR_HOST, ENOMEM, NULL, "cannot describe '%s'", name) : -1;
}

static int run(const struct command *c, int argc, char **argv)
{
	static const struct option longs[] = { { "help", no_argument, NULL, 'h' }, { 0 } };
	json_auto_t *all = json_array();
	int opt, code;

	while ((opt = getopt_long(argc, argv, "h", longs, NULL)) != -1)
		if (opt == 'h')
			return show_help(c);
		else
			return usage_error(c, "unknown option");
	if (optind == argc)
		return usage_error(c, "which container?");
	code = each_name(c, argc, argv, inspect_one, all);
	json_dumpf(all, stdout, JSON_INDENT(2));
	putchar('\n');
	return fflush(stdout) == 0 && !ferror(stdout) ? code : EXIT_OURS;
}

const struct command cmd_inspect = {
	.name = "inspect",
	.usage = "NAME...",
	.summary = "everything that is known of containers, as JSON",
	.help = "An array with an object for each: name, status, policy (with all defaults), launched (its launch record), exited (how it\n"
		"ended), and live (the files of its cgroup, as they are now).\n\n"
		"  casemate inspect web | jq '.[0].live[\"memory.current\"]'\n",
	.run = run,
};
