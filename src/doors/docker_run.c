/* docker_run.c - a docker run line to a policy.
 *
 * What docker would have left open stays shut: its defaults are not imported, only what the line says. Every
 * such place is a note, and so is every option that is not simply mapped. */
#include "docker.h"

#include "../base/cleanup.h"

#include <stdarg.h>
#include <string.h>

/* --- notes --- */

__attribute__((format(printf, 5, 0)))
static void note(struct docker_import *im, enum note_kind kind, const char *pointer, const char *hint, const char *fmt, va_list ap)
{
	_auto(free_mem) char *text = NULL;

	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	door_note(im->door, kind, pointer, hint, "%s", text ? text : "no memory");
}

void refuse(struct docker_import *im, const char *hint, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	note(im, NOTE_REFUSED, NULL, hint, fmt, ap);
	va_end(ap);
}

void tighten(struct docker_import *im, const char *pointer, const char *hint, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	note(im, NOTE_TIGHTENED, pointer, hint, fmt, ap);
	va_end(ap);
}

void no_effect(struct docker_import *im, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	note(im, NOTE_NO_EFFECT, NULL, NULL, fmt, ap);
	va_end(ap);
}

void here(struct docker_import *im, const struct given *g)
{
	door_here(im->door, g->line, g->column, "%s", g->text);
}

/* --- the line --- */

static void take(struct docker_import *im, const struct given *g)
{
	const struct docker_option *o = g->option;

	here(im, g);
	if (o->take)
		o->take(im, g);
	else if (o->fate == REFUSED && (!o->flag || g->on))
		refuse(im, o->hint, "%s", o->why);
	else if (o->fate == NO_EFFECT && (!o->flag || g->on))
		door_note(im->door, NOTE_NO_EFFECT, NULL, o->hint, "%s", o->why);
	else if (o->fate == ALWAYS && !g->on && o->flag)
		tighten(im, NULL, NULL, "cannot be had: %s", o->why);
}

static void start(struct docker_import *im)
{
	json_t *config = im->image.config;
	const char *cwd = json_string_value(json_object_get(config, "WorkingDir"));
	const char *signal = json_string_value(json_object_get(config, "StopSignal"));

	im->door->manner.image = strdup(im->line.image);
	im->door->no_memory = im->door->no_memory || !im->door->manner.image;
	door_set(im->door, "/version", json_integer(1));
	door_here(im->door, im->line.image_spot.line, im->line.image_spot.column, "%s", im->line.image);
	door_set(im->door, "/rootfs", json_string(im->image.rootfs));
	door_here(im->door, 0, 0, "%s", im->image.described);
	if (cwd && *cwd)
		door_set(im->door, "/cwd", json_string(cwd));
	if (signal && *signal)
		door_set(im->door, "/stop/signal", json_string(signal));
	image_env(im);
	env_files(im);
}

/* What docker would have left open and no single option tells. */
static void defaults(struct docker_import *im)
{
	const struct docker_line *l = &im->line;
	static const char *const limits[][2] = {
		{ "/limits/memory", "memory 512M" }, { "/limits/cpus", "one CPU" }, { "/limits/pids", "256 processes" },
		{ "/limits/swap", "no swap" },
	};
	char missing[80] = "";

	for (size_t i = 0; i < COUNT(limits); i++)
		if (!door_get(im->door, limits[i][0]))
			snprintf(missing + strlen(missing), sizeof(missing) - strlen(missing), "%s%s", *missing ? ", " : "", limits[i][1]);
	door_nowhere(im->door);
	if (!docker_last(l, "read-only"))
		tighten(im, NULL, "-v or --tmpfs for what it writes", "no --read-only: the root is read-only always");
	if (*missing)
		tighten(im, "/limits", NULL, "docker limits only what it is told to; here it is %s", missing);
	if (json_array_size(door_get(im->door, "/mounts")) > 0)
		tighten(im, "/mounts", "\"exec\": true in the policy", "nothing is executed from mounts; setuid bits and device nodes "
			"do not count on them");
}

void docker_take(struct docker_import *im)
{
	start(im);
	for (size_t i = 0; i < im->line.n; i++)
		take(im, &im->line.given[i]);
	conclude_user(im);
	conclude_args(im);
	conclude_health(im);
	conclude_log(im);
	conclude_cpus(im);
	conclude_memory(im);
	conclude_volumes(im);
	conclude_ipc(im);
	conclude_capabilities(im);
	conclude_network(im);
	defaults(im);
}

/* "docker run", "docker container run", "run", or nothing of it. */
static int prefix(int argc, char **argv)
{
	int n = 0;

	if (argc > 1 && strcmp(argv[0], "docker") == 0 && (strcmp(argv[1], "run") == 0 || strcmp(argv[1], "container") == 0))
		n++;
	if (argc > n + 1 && strcmp(argv[n], "container") == 0 && strcmp(argv[n + 1], "run") == 0)
		n++;
	return n + (argc > n && strcmp(argv[n], "run") == 0);
}

int door_docker_run(int argc, char **argv, struct door *d, struct err *e)
{
	struct docker_import im = { .door = d };
	int skip = prefix(argc, argv), column = 1, r;

	for (int i = 0; i < skip; i++)
		column += (int)strlen(argv[i]) + 1;
	r = docker_line(argc - skip, argv + skip, column, &im.line, e);
	d->manner.help = im.line.help;
	if (r == 0 && !im.line.help)
		r = image_resolve(im.line.image, &im.image, e);
	if (r == 0 && !im.line.help)
		docker_take(&im);
	docker_line_free(&im.line);
	image_free(&im.image);
	return r;
}
