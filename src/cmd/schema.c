/* schema.c - `casemate schema`: the language of policies, or of floors, as a JSON Schema. */
#include "../policy/key.h"
#include "cmd.h"

#include <string.h>

static int run(const struct command *c, int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "--help") == 0)
		return show_help(c);
	if (argc > 1 && (argc > 2 || strcmp(argv[1], "--floor") != 0))
		return usage_error(c, "what is '%s'?", argv[argc > 2 ? 2 : 1]);
	language_schema(argc > 1 ? &language_floor : &language_policy, stdout);
	return fflush(stdout) == 0 && !ferror(stdout) ? 0 : EXIT_OURS;
}

const struct command cmd_schema = {
	.name = "schema",
	.usage = "[--floor]",
	.summary = "print the JSON Schema (2020-12) of a policy, or of a floor",
	.help = "For editors and for programs that write policies. The parser is stricter where a schema\n"
		"cannot say it: use `casemate check` as well.\n",
	.run = run,
};
