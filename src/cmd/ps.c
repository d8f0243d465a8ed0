/* ps.c - `casemate ps`: the containers of this user. */
#include "../base/print.h"
#include "../launch/container.h"
#include "cmd.h"

#include <getopt.h>
#include <string.h>
#include <time.h>

enum { NAMES_MAX = 4096 };

struct row {
	char *name, *command;
	const char *status;
	char detail[48];	/* "for 3 h", "exit 137" */
	json_t *json;
};

struct list {
	struct row *rows;
	size_t n;
	bool all;
};

/* "2026-11-22T03:46:29.123Z" as a time; -1: it is none. */
static time_t time_of(const json_t *record)
{
	const char *text = json_string_value(json_object_get(record, "time"));
	struct tm tm = { 0 };

	return text && strptime(text, "%Y-%m-%dT%H:%M:%S", &tm) ? timegm(&tm) : -1;
}

/* One unit is enough to tell a minute from a month. */
static void print_age(char *buf, size_t size, const char *before, time_t since)
{
	static const struct { time_t seconds; const char *unit; } units[] = {
		{ 86400, "d" }, { 3600, "h" }, { 60, "min" }, { 1, "s" },
	};
	time_t age = since < 0 ? 0 : time(NULL) - since;
	size_t i = 0;

	while (i + 1 < COUNT(units) && age < units[i].seconds)
		i++;
	snprintf(buf, size, "%s%lld %s", before, (long long)(age < 0 ? 0 : age / units[i].seconds), units[i].unit);
}

static void fill_running(struct row *r, const struct container *c)
{
	json_t *health = container_health(c);
	const char *status = json_string_value(json_object_get(health, "status"));
	size_t n;

	print_age(r->detail, sizeof(r->detail), "for ", time_of(c->record));
	n = strlen(r->detail);
	if (status)
		snprintf(r->detail + n, sizeof(r->detail) - n, ", %s", status);
	json_object_set_new(r->json, "health", health);
}

static void fill_ended(struct row *r, const struct container *c)
{
	_auto(free_mem) char *text = NULL;
	struct err ignored = { 0 };
	json_t *exited = state_read_exit(&c->state, &text, &ignored) < 0 ? NULL : json_loads(text, 0, NULL);

	r->status = "ended";
	snprintf(r->detail, sizeof(r->detail), "exit %d", (int)json_integer_value(json_object_get(exited, "code")));
	json_object_set_new(r->json, "exited", exited ? exited : json_null());
}

static char *command_of(const json_t *record)
{
	const json_t *args = json_object_get(record, "args");
	char *text = NULL;
	size_t size, i;
	json_t *arg;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	json_array_foreach(args, i, arg)
		fprintf(out, "%s%s", i ? " " : "", json_string_value(arg));
	fclose(out);
	return text;
}

static bool take(const char *name, void *ctx)
{
	_auto(container_close) struct container c = CONTAINER_NONE;
	struct list *list = ctx;
	struct row *r = &list->rows[list->n];
	struct err ignored = { 0 };

	if (container_find(&c, name, &ignored) < 0 || (c.phase != STATE_RUNNING && !list->all))
		return false;
	*r = (struct row){ .name = strdup(name), .command = command_of(c.record), .status = "running" };
	r->json = json_pack("{s:s, s:O}", "name", name, "launched", c.record);
	if (c.phase == STATE_RUNNING)
		fill_running(r, &c);
	else if (c.phase == STATE_ENDED)
		fill_ended(r, &c);
	else
		r->status = "lost", snprintf(r->detail, sizeof(r->detail), "supervisor killed");
	json_object_set_new(r->json, "status", json_string(r->status));
	return ++list->n == NAMES_MAX;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct row *)a)->name, ((const struct row *)b)->name);
}

static void print_text(const struct list *l, bool quiet)
{
	if (!quiet)
		printf("%-24s %-8s %-18s %-8s %s\n", "NAME", "STATUS", "", "PID", "COMMAND");
	for (size_t i = 0; i < l->n; i++) {
		const struct row *r = &l->rows[i];
		const json_t *record = json_object_get(r->json, "launched");

		if (quiet) {
			puts(r->name);
			continue;
		}
		printf("%-24s %-8s %-18s %-8lld ", r->name, r->status, r->detail, (long long)json_integer_value(json_object_get(record, "pid")));
		print_escaped(stdout, r->command ? r->command : "");
		putchar('\n');
	}
}

static void print_json(const struct list *l)
{
	json_auto_t *all = json_array();

	for (size_t i = 0; i < l->n; i++)
		json_array_append(all, l->rows[i].json);
	json_dumpf(all, stdout, JSON_INDENT(2));
	putchar('\n');
}

static int run(const struct command *c, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "all", no_argument, NULL, 'a' }, { "quiet", no_argument, NULL, 'q' }, { "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' }, { 0 },
	};
	struct list list = { 0 };
	bool quiet = false, json = false;
	int opt;

	while ((opt = getopt_long(argc, argv, "haq", longs, NULL)) != -1)
		switch (opt) {
		case 'h': return show_help(c);
		case 'a': list.all = true; break;
		case 'q': quiet = true; break;
		case 'j': json = true; break;
		default: return usage_error(c, "unknown option");
		}
	if (optind < argc)
		return usage_error(c, "what is '%s'?", argv[optind]);
	list.rows = calloc(NAMES_MAX, sizeof(*list.rows));
	if (!list.rows)
		return EXIT_OURS;
	(void)state_each(take, &list);
	qsort(list.rows, list.n, sizeof(*list.rows), by_name);
	if (json)
		print_json(&list);
	else
		print_text(&list, quiet);
	for (size_t i = 0; i < list.n; i++) {
		free(list.rows[i].name);
		free(list.rows[i].command);
		json_decref(list.rows[i].json);
	}
	free(list.rows);
	return fflush(stdout) == 0 && !ferror(stdout) ? EXIT_FINE : EXIT_OURS;
}

const struct command cmd_ps = {
	.name = "ps",
	.usage = "[-a] [-q | --json]",
	.summary = "list the running containers",
	.help = "  -a, --all     those too that have ended and left how (-d, --keep), or whose supervisor was killed (lost)\n"
		"  -q, --quiet   names only\n"
		"  --json        everything that is known of each\n\n"
		"Each user sees their own.\n",
	.run = run,
};
