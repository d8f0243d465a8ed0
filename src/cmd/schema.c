/* schema.c - `casemate schema`: the policy language as a JSON Schema. */
#include "cmd.h"

#include <string.h>

static int run(const struct command *c, int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "--help") == 0)
		return show_help(c);
	if (argc > 1)
		return usage_error(c, "what is '%s'?", argv[1]);
	policy_schema(stdout);
	return fflush(stdout) == 0 && !ferror(stdout) ? 0 : EXIT_OURS;
}

const struct command cmd_schema = {
	.name = "schema",
	.usage = "",
	.summary = "print the JSON Schema (2020-12) of a policy",
	.help = "For editors and for programs that write policies. The parser is stricter where a schema\n"
		"cannot say it: use `casemate check` as well.\n",
	.run = run,
};
