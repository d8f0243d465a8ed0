/* verb_state.c - state and list: what there is, for programs and for people. */
#include "container.h"
#include "runtime.h"

#include <errno.h>
#include <string.h>

static const struct option state_options[] = { { "help", no_argument, NULL, 'h' }, { 0 } };
static const struct option list_options[] = {
	{ "format", required_argument, NULL, 'f' }, { "quiet", no_argument, NULL, 'q' }, { "help", no_argument, NULL, 'h' }, { 0 },
};

static int print(json_t *json, size_t flags, struct err *e)
{
	int r = json ? json_dumpf(json, stdout, flags) : -1;

	json_decref(json);
	if (r < 0 || putchar('\n') == EOF || fflush(stdout) != 0)
		return err_set(e, ERR_HOST, errno, NULL, "cannot print it");
	return 0;
}

static int state(struct runtime *rt, int argc, char **argv, struct err *e)
{
	_auto(oci_container_close) struct oci_container c = OCI_CONTAINER_NONE;

	return the_container(rt, argc, argv, false, &c, e) < 0 ? -1 : print(oci_container_json(&c), JSON_INDENT(2), e);
}

struct listing {
	const char *root;
	json_t *all;
	bool failed;
};

static void take(void *ctx, const char *id)
{
	struct listing *l = ctx;
	struct oci_container c = OCI_CONTAINER_NONE;
	struct err ignored = { 0 };

	/* Deleted meanwhile, or not a container; one whose state cannot be read is still there to be deleted. */
	if ((oci_container_open(&c, l->root, id, false, &ignored) == 0 || c.state.dir >= 0) &&
	    json_array_append_new(l->all, oci_container_json(&c)) < 0)
		l->failed = true;
	oci_container_close(&c);
}

static void print_table(const json_t *all)
{
	const json_t *c;
	size_t i;

	printf("%-24s %-8s %-9s %-40s %s\n", "ID", "PID", "STATUS", "BUNDLE", "CREATED");
	json_array_foreach(all, i, c) {
		const char *bundle = spec_text(c, "bundle"), *created = spec_text(c, "created");

		printf("%-24s %-8d %-9s %-40s %s\n", spec_text(c, "id"), (int)json_integer_value(json_object_get(c, "pid")),
		       spec_text(c, "status"), bundle ? bundle : "", created ? created : "");
	}
}

static int list(struct runtime *rt, int argc, char **argv, struct err *e)
{
	char root[4096];
	struct listing l = { .root = root };
	const json_t *c;
	size_t i;

	(void)argv;
	if (argc)
		return err_set(e, ERR_USAGE, 0, "state prints one", "list wants no container");
	if (rt->format && strcmp(rt->format, "json") != 0 && strcmp(rt->format, "table") != 0)
		return err_set(e, ERR_USAGE, 0, "table or json", "--format: '%.64s'", rt->format);
	if (oci_container_root(rt->root, root, e) < 0)
		return -1;
	l.all = json_array();
	if (oci_container_each(root, take, &l, e) < 0 || !l.all || l.failed) {
		json_decref(l.all);
		return e->kind != ERR_NONE ? -1 : spec_no_memory(e);
	}
	if (rt->format && rt->format[0] == 'j' && !rt->quiet)
		return print(l.all, JSON_COMPACT, e);
	if (!rt->quiet)
		print_table(l.all);
	else
		json_array_foreach(l.all, i, c)
			puts(spec_text(c, "id"));
	json_decref(l.all);
	return fflush(stdout) == 0 ? 0 : err_set(e, ERR_HOST, errno, NULL, "cannot print it");
}

const struct verb verb_state = {
	.name = "state", .usage = "ID", .summary = "print what a container is doing, as JSON", .shorts = "h", .longs = state_options, .run = state,
};
const struct verb verb_list = {
	.name = "list", .usage = "[--quiet] [--format table|json]", .summary = "print all containers below --root", .shorts = "f:qh",
	.longs = list_options, .run = list,
};
