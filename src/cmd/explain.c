/* explain.c - `casemate explain`: every effective key, where its value came from, what it protects. */
#include "cmd.h"
#include "options.h"

#include <getopt.h>

static int run(const struct command *c, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "set", required_argument, NULL, 's' }, { "help", no_argument, NULL, 'h' }, { 0 },
	};
	_auto(source_free) struct source source = { 0 };
	struct policy_source src;
	struct err e = { 0 };
	int opt, ret = 0;

	while (ret == 0 && (opt = getopt_long(argc, argv, "h", longs, NULL)) != -1)
		switch (opt) {
		case 's': ret = source_set(&source, optarg, &e); break;
		case 'h': return show_help(c);
		default: return EXIT_OURS;
		}
	if (ret == 0 && optind + 1 != argc)
		return usage_error(c, "which POLICY?");
	if (ret == 0)
		ret = source_load(&source, argv[optind], &src, &e);
	if (ret == 0)
		ret = policy_explain(&src, stdout, &e);
	if (ret == 0)
		return fflush(stdout) == 0 && !ferror(stdout) ? 0 : EXIT_OURS;
	err_print(&e, source.file);
	return err_exit_code(&e);
}

const struct command cmd_explain = {
	.name = "explain",
	.usage = "[--set KEY=VALUE ...] POLICY",
	.summary = "show every effective key, where its value came from and what it protects",
	.help = "  --set KEY=VALUE   lay this over the policy first, as `casemate run` would\n\n"
		"FROM is policy (the file), set (the command line) or default.\n",
	.run = run,
};
