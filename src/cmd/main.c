/* main.c - a table of subcommands, and nothing else worth reading. */
#include "../launch/clean.h"
#include "cmd.h"

#include <string.h>

static const struct command *const commands[] = {
	&cmd_run, &cmd_docker, &cmd_exec, &cmd_check, &cmd_explain, &cmd_plan, &cmd_verify, &cmd_doctor, &cmd_schema, &cmd_apparmor,
	&cmd_import, &cmd_export,
	&cmd_ps, &cmd_inspect, &cmd_stop, &cmd_kill, &cmd_wait, &cmd_rm, &cmd_secret, &cmd_pause, &cmd_resume, &cmd_stats, &cmd_update,
	&cmd_logs, &cmd_denials,
};

static int help(FILE *out)
{
	fputs("usage: casemate COMMAND [OPTION...]\n\n", out);
	for (size_t i = 0; i < COUNT(commands); i++)
		fprintf(out, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
	fputs("\n`casemate COMMAND --help` says more; casemate(1) and casemate-policy(5) say everything.\n", out);
	return 0;
}

int main(int argc, char **argv)
{
	if (!start_clean())
		return EXIT_OURS;
	if (argc < 2) {
		help(stderr);
		return EXIT_OURS;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		return help(stdout);
	if (strcmp(argv[1], "--version") == 0)
		return puts("casemate " CASEMATE_VERSION) < 0;
	for (size_t i = 0; i < COUNT(commands); i++)
		if (strcmp(argv[1], commands[i]->name) == 0)
			return commands[i]->run(commands[i], argc - 1, argv + 1);
	fprintf(stderr, "casemate: there is no command '%s'; see `casemate --help`\n", argv[1]);
	return EXIT_OURS;
}
