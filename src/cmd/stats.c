/* stats.c - casemate stats: what running containers use, from the files of their cgroups. */
#include "stats.h"

#include "../launch/container.h"
#include "cmd.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>
#include <time.h>

enum form { TABLE, JSON, PROMETHEUS };

/* One round over the containers. */
struct samples { struct sample *v; size_t n, size; };

struct view {
	enum form form;
	bool stream;
	char **names;	/* NULL-terminated; none: all that run */
};

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static struct sample *add(struct samples *to, const char *name)
{
	if (to->n == to->size) {
		struct sample *more = reallocarray(to->v, to->size * 2 + 16, sizeof(*more));

		if (!more)
			return NULL;
		to->v = more;
		to->size = to->size * 2 + 16;
	}
	to->v[to->n] = (struct sample){ .at = now_us() };
	snprintf(to->v[to->n].name, sizeof(to->v->name), "%s", name);
	return &to->v[to->n];
}

static int take(struct samples *to, const char *name, struct err *e)
{
	_auto(container_close) struct container c = CONTAINER_NONE;
	_auto(close_fd) int cgroup = -1;
	struct sample *s;
	int r = 0;

	if (container_open(&c, name, e) < 0)
		return -1;
	s = add(to, name);
	if (!s)
		return err_set(e, ERR_HOST, ENOMEM, NULL, "out of memory");
	if (c.cgroup) {
		cgroup = container_cgroup(&c, e);
		if (cgroup < 0)
			return -1;
		r = cgroup_stats(&sys_kernel, cgroup, &s->stats);
		s->has_cgroup = true;
	}
	if (r < 0)
		return err_set(e, ERR_HOST, r, "it may just have ended", "cannot read the cgroup of '%s'", name);
	to->n++;
	return 0;
}

/* Of all, one that has ended is left out; of those that were named it is an error. */
static bool take_any(const char *name, void *ctx)
{
	struct err ended = { 0 };

	(void)!take(ctx, name, &ended);
	return false;
}

static int look(const struct view *view, struct samples *to, struct err *e)
{
	int r = 0;

	to->n = 0;
	if (!view->names[0])
		(void)state_each(take_any, to);
	for (char **name = view->names; r == 0 && *name; name++)
		r = take(to, *name, e);
	return r;
}

static const struct sample *same(const struct samples *in, const char *name)
{
	for (size_t i = 0; i < in->n; i++)
		if (strcmp(in->v[i].name, name) == 0)
			return &in->v[i];
	return NULL;
}

static void show(const struct view *view, const struct samples *now, const struct samples *before)
{
	if (view->form == PROMETHEUS) {
		stats_prometheus(now->v, now->n, stdout);
	} else if (view->form == TABLE) {
		if (view->stream)
			fputs(isatty(STDOUT_FILENO) ? "\033[H\033[2J" : "\n", stdout);
		stats_head(stdout);
	}
	for (size_t i = 0; i < now->n && view->form != PROMETHEUS; i++) {
		json_auto_t *object = view->form == JSON ? stats_json(&now->v[i]) : NULL;

		if (object) {
			json_dumpf(object, stdout, JSON_COMPACT);
			putchar('\n');
		} else {
			stats_line(&now->v[i], same(before, now->v[i].name), stdout);
		}
	}
}

/* A table tells shares of the time between two looks: it is shown from the second on. */
static int watch(const struct view *view, struct err *e)
{
	const struct timespec second = { .tv_sec = 1 };
	struct samples rounds[2] = { 0 };
	bool again = false;
	int turn = 0, r;

	for (; (r = look(view, &rounds[turn], e)) == 0; turn = !turn, again = true) {
		bool shown = again || view->form != TABLE;

		if (shown)
			show(view, &rounds[turn], &rounds[!turn]);
		if (fflush(stdout) != 0)
			r = err_set(e, ERR_HOST, errno, NULL, "cannot write");
		if (r < 0 || (shown && !view->stream))
			break;
		nanosleep(&second, NULL);
	}
	free(rounds[0].v);
	free(rounds[1].v);
	return r;
}

static int run(const struct command *c, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "no-stream", no_argument, NULL, 'n' }, { "json", no_argument, NULL, 'j' }, { "prometheus", no_argument, NULL, 'p' },
		{ "help", no_argument, NULL, 'h' }, { 0 },
	};
	struct view view = { .form = TABLE, .stream = true };
	struct err e = { 0 };
	int opt;

	while ((opt = getopt_long(argc, argv, "h", longs, NULL)) != -1)
		switch (opt) {
		case 'h': return show_help(c);
		case 'n': view.stream = false; break;
		case 'j': view.form = JSON; break;
		case 'p': view.form = PROMETHEUS; break;
		default: return usage_error(c, "unknown option");
		}
	view.names = argv + optind;
	view.stream = view.stream && view.form != PROMETHEUS;
	if (watch(&view, &e) == 0)
		return EXIT_FINE;
	err_print(&e, NULL);
	return err_exit_code(&e);
}

const struct command cmd_stats = {
	.name = "stats",
	.usage = "[--no-stream] [--json | --prometheus] [NAME...]",
	.summary = "what running containers use of CPU, memory, processes and disks",
	.help = "  --no-stream   once, and not every second\n"
		"  --json        a JSON object for each container and look, on a line of its own\n"
		"  --prometheus  Prometheus' text format, once: for a node exporter's text files\n"
		"\n"
		"THROTTL is the share of time for which limits.cpus kept the container from running, WAITS that in which some\n"
		"of its processes waited for CPU, memory or disks (PSI, 10 s), OOM the processes killed for lack of memory.\n",
	.run = run,
};
