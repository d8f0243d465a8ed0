/* cmd.h - what the subcommands share. One file per subcommand, one table in main.c. */
#pragma once

#include "../base/cleanup.h"
#include "../base/err.h"
#include "../policy/policy.h"

struct command {
	const char *name;
	const char *usage;	/* after "casemate NAME " */
	const char *summary;	/* one line for `casemate --help` */
	const char *help;	/* the rest of `casemate NAME --help`: options, examples */
	/* argv[0] is the command's name; returns the exit code. */
	int (*run)(const struct command *, int argc, char **argv);
};

/* Exit codes of the commands that judge (check, verify, doctor): 0 fine, 1 findings, 2 unusable. */
enum { EXIT_FINE = 0, EXIT_FINDINGS = 1, EXIT_UNUSABLE = 2, EXIT_OURS = 125 };

extern const struct command cmd_run, cmd_check, cmd_explain, cmd_plan, cmd_verify, cmd_doctor,
	cmd_schema, cmd_apparmor, cmd_import, cmd_export, cmd_docker, cmd_exec, cmd_ps, cmd_inspect, cmd_stop, cmd_kill, cmd_wait, cmd_rm, cmd_secret,
	cmd_pause, cmd_resume, cmd_stats, cmd_update,
	cmd_logs, cmd_denials;

/* Reads FILE ("-": stdin), at most POLICY_BYTES_MAX, refusing anything that is not a regular file,
 * pipe or terminal. *text is malloc'd and the caller's. */
must_check int load_text(const char *file, char **text, size_t *len, struct err *e);

/* `--help` or a usage error for a command; returns the exit code. */
int show_help(const struct command *);
int usage_error(const struct command *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* What a command does to each NAME: 0, 1 for a finding, -1 and *e, which is printed; the next one is done in any case. */
typedef int one_name(const char *name, void *ctx, struct err *e);
/* The NAMEs that getopt left; returns the exit code. */
int each_name(const struct command *, int argc, char **argv, one_name *, void *ctx);
/* The same for a command line of [--time TIME] NAME...; `ctx` is the time, an int of milliseconds, negative without one. */
int each_name_timed(const struct command *, int argc, char **argv, one_name *);
