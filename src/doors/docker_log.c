/* docker_log.c - docker run: where what the workload says is kept.
 *
 * Options belong to a driver; those of json-file, when none is named, to that: it is docker's own default. */
#include "docker.h"

#include "../base/cleanup.h"

#include <string.h>

static void take_max_size(struct docker_import *im, const char *value)
{
	uint64_t bytes;

	if (strcmp(value, "-1") == 0)
		tighten(im, "/log/max_size", "max-size", "a log file has a limit always: here it is 10M");
	else if (docker_decimal_bytes(value, &bytes))
		door_set(im->door, "/log/max_size", json_integer((json_int_t)bytes));
	else
		refuse(im, NULL, "want a size, such as 10m");
}

static void take_max_file(struct docker_import *im, const char *value)
{
	int64_t files;

	if (docker_int(value, &files))
		door_set(im->door, "/log/max_files", json_integer(files));
	else
		refuse(im, NULL, "want how many files");
}

static void take_compress(struct docker_import *im, const char *value)
{
	bool on;

	if (docker_bool(value, &on))
		door_set(im->door, "/log/compress", json_boolean(on));
	else
		refuse(im, NULL, "want true or false");
}

static void take_mode(struct docker_import *im, const char *value)
{
	if (strcmp(value, "non-blocking") == 0)
		door_set(im->door, "/log/full", json_string("drop"));
	else if (strcmp(value, "blocking") == 0)
		door_set(im->door, "/log/full", json_string("block"));
	else
		refuse(im, NULL, "want blocking or non-blocking");
}

static const char tagged[] = "each line carries the container's name, and nothing else of its own";

static const struct log_option {
	const char *name;
	bool of_files;		/* json-file's */
	void (*take)(struct docker_import *, const char *value);
	const char *no_effect;	/* without `take` */
} log_options[] = {
	{ "max-size", true, take_max_size, NULL }, { "max-file", true, take_max_file, NULL }, { "compress", true, take_compress, NULL },
	{ "mode", false, take_mode, NULL }, { "max-buffer-size", false, NULL, "what waits for the log is held in a pipe, of the kernel's size" },
	{ "tag", false, NULL, tagged }, { "labels", false, NULL, tagged }, { "labels-regex", false, NULL, tagged },
	{ "env", false, NULL, tagged }, { "env-regex", false, NULL, tagged },
};

/* The option at hand; driver: "" where none is named. */
static void take_option(struct docker_import *im, const struct given *g, const char *driver)
{
	const struct log_option *o = log_options;
	_auto(free_mem) char *name = strdup(g->value);
	char *value = name ? docker_split(name, '=') : NULL;

	here(im, g);
	if (!name)
		return (void)(im->door->no_memory = true);
	while (o < log_options + COUNT(log_options) && strcmp(o->name, name) != 0)
		o++;
	if (o == log_options + COUNT(log_options) || !value)
		return refuse(im, "max-size, max-file, compress or mode, and a value", "no log driver here has this option");
	if (!o->take)
		return no_effect(im, "%s", o->no_effect);
	if (o->of_files && *driver && strcmp(driver, "json-file") != 0)
		return refuse(im, "--log-driver json-file", "files are rotated, and this driver writes none");
	if (!door_get(im->door, "/log/driver"))
		door_set(im->door, "/log/driver", json_string("json-file"));
	o->take(im, value);
}

static bool is_ours(const char *driver)
{
	return strcmp(driver, "json-file") == 0 || strcmp(driver, "journald") == 0 || strcmp(driver, "syslog") == 0;
}

void conclude_log(struct docker_import *im)
{
	static const char hint[] = "json-file, journald, syslog or none; what collects logs reads the journal, or the files";
	const struct given *g = docker_last(&im->line, "log-driver"), *at = g;
	const char *driver = g ? g->value : "";

	if (g)
		here(im, g);
	im->door->manner.discard_output = strcmp(driver, "none") == 0;
	if (is_ours(driver))
		door_set(im->door, "/log/driver", json_string(driver));
	else if (*driver && !im->door->manner.discard_output)
		return refuse(im, hint, "casemate has no such log driver");
	for (size_t i = 0; i < im->line.n; i++)
		if (docker_is(&im->line.given[i], "log-opt")) {
			at = at ? at : &im->line.given[i];
			if (im->door->manner.discard_output) {
				here(im, &im->line.given[i]);
				no_effect(im, "with --log-driver none there is no log");
			} else {
				take_option(im, &im->line.given[i], driver);
			}
		}
	if (!at || !door_get(im->door, "/log/driver") || im->door->manner.detach || im->door->of_file)
		return;
	here(im, at);
	door_note(im->door, NOTE_NO_EFFECT, NULL, "`casemate logs -f NAME`, or no log driver", "docker shows the output as well; "
		  "here it goes to the log alone");
}
