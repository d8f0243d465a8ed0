/* cmd.c - help, usage errors and lists of names, the same for every command. */
#include "cmd.h"
#include "../policy/units.h"

#include <getopt.h>
#include <limits.h>
#include <stdarg.h>

int show_help(const struct command *c)
{
	printf("usage: casemate %s %s\n\n%s.\n", c->name, c->usage, c->summary);
	if (c->help)
		printf("\n%s", c->help);
	return 0;
}

int usage_error(const struct command *c, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "casemate %s: ", c->name);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\nusage: casemate %s %s\n", c->name, c->usage);
	return EXIT_OURS;
}

int each_name(const struct command *c, int argc, char **argv, one_name *one, void *ctx)
{
	int code = EXIT_FINE;

	if (optind == argc)
		return usage_error(c, "which container?");
	for (int i = optind; i < argc; i++) {
		struct err e = { 0 };
		int r = one(argv[i], ctx, &e);

		if (r < 0) {
			err_print(&e, NULL);
			code = err_exit_code(&e);
		} else if (r > 0 && code == EXIT_FINE) {
			code = EXIT_FINDINGS;
		}
	}
	return code;
}

int each_name_timed(const struct command *c, int argc, char **argv, one_name *one)
{
	static const struct option longs[] = { { "time", required_argument, NULL, 't' }, { "help", no_argument, NULL, 'h' }, { 0 } };
	int opt, timeout = -1;
	uint64_t ms;

	while ((opt = getopt_long(argc, argv, "ht:", longs, NULL)) != -1)
		switch (opt) {
		case 'h': return show_help(c);
		case 't':
			if (!unit_time(optarg, &ms) || ms > INT_MAX)
				return usage_error(c, "--time wants a time such as 10s, 500ms or 2m, not '%s'", optarg);
			timeout = (int)ms;
			break;
		default: return usage_error(c, "unknown option");
		}
	return each_name(c, argc, argv, one, &timeout);
}
