/* run.c - casemate run: one policy in, one locked-down service running. The command line; what happens then is in job.c. */
#include "cmd.h"
#include "docker.h"
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <string.h>

static int parse_status_fd(const char *arg, int *ret, struct err *e)
{
	char *end;
	long fd = strtol(arg, &end, 10);

	if (*arg < '0' || *arg > '9' || *end || fd > 1 << 20 || fcntl((int)fd, F_GETFD) < 0)
		return err_set(e, ERR_USAGE, 0, "for example: --status-fd 3 3>status.json", "--status-fd: '%s' is no open descriptor", arg);
	/* A copy of ours alone: 0 to 2 are the workload's as well, and must stay open for it. */
	*ret = fcntl((int)fd, F_DUPFD_CLOEXEC, 3);
	return *ret < 0 ? err_set(e, ERR_USAGE, errno, NULL, "--status-fd") : 0;
}

int run_option(struct run_options *o, int opt, const char *arg, struct err *e)
{
	switch (opt) {
	case 'w': return parse_controls(arg, &o->request.without, e);
	case 'f': return parse_status_fd(arg, &o->status_fd, e);
	case 's': return source_set(&o->source, arg, e);
	default: return err_set(e, ERR_USAGE, 0, "--help says what there is", "unknown option");
	}
}

/* --name is --set name, and judged like it; quoted, so that "7" is a name too. */
static int set_name(struct source *s, const char *name, struct err *e)
{
	char text[256];

	if (!*name)
		return err_set(e, ERR_USAGE, 0, NULL, "--name wants a name");
	snprintf(text, sizeof(text), "name=\"%s\"", name);
	return source_set(s, text, e);
}

/* 0: go on; 1: help was shown; -1: *e. */
static int parse_options(const struct command *c, int argc, char **argv, struct run_options *o, const char **file, struct err *e)
{
	static const struct option longs[] = {
		RUN_LONG_OPTIONS, { "name", required_argument, NULL, 'n' }, { "detach", no_argument, NULL, 'd' },
		{ "keep", no_argument, NULL, 'k' }, { "journal", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' }, { 0 },
	};
	int opt, r = 0;

	while (r == 0 && (opt = getopt_long(argc, argv, "+dh", longs, NULL)) != -1)
		switch (opt) {
		case 'n': r = set_name(&o->source, optarg, e); break;
		case 'd': o->detach = o->keep = o->journal = true; break;
		case 'k': o->keep = true; break;
		case 'j': o->journal = true; break;
		case 'h': return show_help(c), 1;
		default: r = run_option(o, opt, optarg, e);
		}
	if (r < 0)
		return -1;
	if (optind == argc)
		return err_set(e, ERR_USAGE, 0, "see `casemate run --help`", "which POLICY?");
	*file = argv[optind++];
	if (optind < argc && strcmp(argv[optind], "--") != 0)
		return err_set(e, ERR_USAGE, 0, "arguments of the workload come after `--`", "what is '%s'?", argv[optind]);
	optind += optind < argc;
	o->request.args = (const char *const *)argv + optind;
	o->request.n_args = (size_t)(argc - optind);
	return 0;
}

static int run(const struct command *c, int argc, char **argv)
{
	struct run_options o = RUN_OPTIONS_INIT;
	const char *file = NULL;
	struct err e = { 0 };
	int r = run_is_docker(argc, argv, &e);

	if (r > 0)
		return docker_run(&cmd_docker, argc, argv);
	if (r == 0)
		r = parse_options(c, argc, argv, &o, &file, &e);

	if (r == 0)
		r = run_policy(&o, file, &e);
	else if (r == 1)
		r = 0;		/* --help */
	else
		source_free(&o.source);
	if (e.kind == ERR_NONE)
		return r;
	err_print(&e, file);
	return err_exit_code(&e);
}

const struct command cmd_run = {
	.name = "run",
	.usage = "[-d] [--keep] [--journal] [--name NAME] [--without CONTROL[,CONTROL...]] [--status-fd N] [--set KEY=VALUE ...] POLICY [-- ARG...]",
	.summary = "start a workload under every control of a policy",
	.help = "  -d, --detach          go on in the background once the workload runs, and print its name: as the service\n"
		"                        casemate-NAME of systemd, where that is the init; takes --keep and --journal in\n"
		"  --keep                leave how it ended for `casemate wait`, `ps -a` and `inspect`, until `casemate rm`\n"
		"                        or the next of that name\n"
		"  --journal             where the policy has no \"log\" the output goes to the journal, if there is one\n"
		"  --name NAME           what the container is called (default: the policy's name, or FILE-PID)\n"
		"  --without CONTROL,... go without these; each is named in the launch record\n"
		"  --status-fd N         write the launched and exited records there, as JSON lines\n"
		"  --set KEY=VALUE       lay a value over the policy, validated like the file\n"
		"  -- ARG...             append to the policy's args\n"
		"\n"
		"POLICY is a file, or - for standard input. The exit code is the workload's own, 128+n when signal n\n"
		"ended it, 124 when casemate stopped it as unhealthy or without its log, 125 when casemate failed,\n"
		"126 when the program cannot be executed, 127 when it is not there.\n"
		"A docker run line is known by docker's options, or by an image where no policy is: see `casemate docker --help`.\n"
		"\n"
		"  casemate run web.json\n"
		"  casemate run --set limits.memory=1G --name web2 web.json\n"
		"  casemate run --without apparmor web.json -- -v\n",
	.run = run,
};
