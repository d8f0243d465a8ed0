/* plan.c - casemate plan: every kernel call that run would make, in order. */
#include "../launch/dryrun.h"
#include "cmd.h"
#include "options.h"

#include <errno.h>
#include <getopt.h>

static int plan(struct source *s, struct request *rq, const char *file, struct err *e)
{
	struct arena a[3] = { { 0 } };
	struct policy_source src;
	struct policy policy;
	const struct plan *plan;
	char name[64];
	int r = 0;

	for (size_t i = 0; i < COUNT(a); i++)
		if (arena_init(&a[i], 16 << 20) < 0)
			r = err_set(e, ERR_HOST, ENOMEM, NULL, "out of memory");
	if (r == 0 && (source_load(s, file, &src, e) < 0 || policy_parse(&src, &a[0], &policy, e) < 0))
		r = -1;
	if (r == 0) {
		rq->name = launch_name(&policy, file, name, sizeof(name));
		r = plan_make(&policy, rq, &a[1], &plan, e);
	}
	if (r == 0)
		r = dry_run(plan, &a[2], stdout, e);
	for (size_t i = 0; i < COUNT(a); i++)
		arena_free(&a[i]);
	return r;
}

static int run(const struct command *c, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "without", required_argument, NULL, 'w' }, { "set", required_argument, NULL, 's' },
		{ "help", no_argument, NULL, 'h' }, { 0 },
	};
	struct request rq = { .environ = (const char *const *)environ, .dry = true };
	struct source s = { 0 };
	struct err e = { 0 };
	int opt, r = 0;

	while (r == 0 && (opt = getopt_long(argc, argv, "+h", longs, NULL)) != -1)
		switch (opt) {
		case 'h': return show_help(c);
		case 'w': r = parse_controls(optarg, &rq.without, &e); break;
		case 's': r = source_set(&s, optarg, &e); break;
		default: return usage_error(c, "unknown option");
		}
	if (r == 0 && optind == argc)
		return usage_error(c, "which POLICY?");
	if (r == 0 && optind + 1 < argc) {
		rq.args = (const char *const *)argv + optind + 2;
		rq.n_args = (size_t)(argc - optind) - 2;
	}
	if (r == 0)
		r = plan(&s, &rq, argv[optind], &e);
	if (r < 0)
		err_print(&e, argv[optind]);
	source_free(&s);
	return r < 0 ? EXIT_OURS : EXIT_FINE;
}

const struct command cmd_plan = {
	.name = "plan",
	.usage = "[--without CONTROL[,CONTROL...]] [--set KEY=VALUE ...] POLICY [-- ARG...]",
	.summary = "print every kernel call that run would make, in order, and make none",
	.help = "One line per step, parent first, then the child; below it its calls. Descriptors from 1000 on are\n"
		"those that a real launch would have got. Exits 125 when run would not get so far.\n",
	.run = run,
};
