/* cmd.c - help and usage errors, the same for every command. */
#include "cmd.h"

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
