/* run.c - casemate run: one policy in, one locked-down service running. */
#include "../check/check.h"
#include "../launch/parent.h"
#include "../launch/record.h"
#include "../launch/state.h"
#include "cmd.h"
#include "options.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <string.h>

enum { ARENA_SIZE = 16 << 20, NAME_MAX_LEN = 64 };

struct options {
	struct source source;
	struct request request;
	int status_fd;
};

/* Findings of check(): errors stop the launch, warnings go into the record. */
struct judgement {
	json_t *weakenings;
	unsigned errors;
};

static void judge(void *ctx, enum severity sev, const char *pointer, const char *msg, const char *hint)
{
	struct judgement *j = ctx;

	if (sev == SEV_WARNING) {
		json_array_append_new(j->weakenings, json_pack("{s:s, s:s}", "path", pointer, "message", msg));
		return;
	}
	j->errors++;
	fprintf(stderr, "casemate: check: %s: %s\n", pointer, msg);
	if (hint)
		fprintf(stderr, "casemate: hint: %s\n", hint);
}

static int parse_status_fd(const char *arg, int *ret, struct err *e)
{
	char *end;
	long fd = strtol(arg, &end, 10);

	if (*arg < '0' || *arg > '9' || *end || fd > 1 << 20 || fcntl((int)fd, F_GETFD) < 0)
		return err_set(e, ERR_USAGE, 0, "for example: --status-fd 3 3>status.json", "--status-fd: '%s' is no open descriptor", arg);
	/* It is ours alone: the workload must not inherit it. */
	if (fcntl((int)fd, F_SETFD, FD_CLOEXEC) < 0)
		return err_set(e, ERR_USAGE, errno, NULL, "--status-fd");
	*ret = (int)fd;
	return 0;
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
static int parse_options(const struct command *c, int argc, char **argv, struct options *o, const char **file, struct err *e)
{
	static const struct option longs[] = {
		{ "name", required_argument, NULL, 'n' }, { "without", required_argument, NULL, 'w' },
		{ "status-fd", required_argument, NULL, 'f' }, { "set", required_argument, NULL, 's' },
		{ "help", no_argument, NULL, 'h' }, { 0 },
	};
	int opt, r = 0;

	while (r == 0 && (opt = getopt_long(argc, argv, "+h", longs, NULL)) != -1)
		switch (opt) {
		case 'n': r = set_name(&o->source, optarg, e); break;
		case 'w': r = parse_controls(optarg, &o->request.without, e); break;
		case 'f': r = parse_status_fd(optarg, &o->status_fd, e); break;
		case 's': r = source_set(&o->source, optarg, e); break;
		case 'h': return show_help(c), 1;
		default: return err_set(e, ERR_USAGE, 0, "see `casemate run --help`", "unknown option");
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

static void tell(int fd, const char *line)
{
	size_t len = line ? strlen(line) : 0;

	/* One write for the line and its end, so that lines of several launches never mix. */
	if (fd >= 0 && line) {
		_auto(free_mem) char *text = malloc(len + 1);

		if (!text)
			return;
		memcpy(text, line, len);
		text[len] = '\n';
		(void)!write(fd, text, len + 1);
	}
}

static int write_state(const struct state *s, const struct policy_source *src, struct arena *a, const char *record, struct err *e)
{
	const char *effective;

	if (!record)
		return err_set(e, ERR_HOST, ENOMEM, NULL, "cannot write the record");
	if (policy_effective(src, a, &effective, e) < 0 || state_write(s, "policy.json", effective, e) < 0)
		return -1;
	return state_write(s, "record.json", record, e);
}

/* The launch is under way: write it down, give up what is no longer needed, wait. */
static int look_after(struct launch *l, struct options *o, const struct policy_source *src, struct facts *f,
		      struct state *state, struct arena *scratch, struct err *e)
{
	_auto(free_mem) char *launched = record_launched(l, f), *exited = NULL;
	struct outcome out;

	if (write_state(state, src, scratch, launched, e) < 0 || supervisor_confine(l, state->base, e) < 0) {
		launch_end(l);
		return err_step(e, "supervisor");
	}
	arena_free(scratch);
	tell(o->status_fd, launched);
	supervise(l, l->plan->stop_signal, l->plan->stop_timeout, &out);
	launch_end(l);
	exited = record_exited(f, &out);
	tell(o->status_fd, exited);
	return outcome_exit_code(&out);
}

/* From a good plan to an exit code. */
static int launch(struct options *o, const struct policy_source *src, const struct plan *plan, struct facts *f,
		  struct arena *scratch, struct err *e)
{
	struct state state = STATE_NONE;
	struct launch l;
	int r;

	state_sweep(cgroup_sweep);
	if (launch_init(&l, plan, &sys_kernel, scratch, e) < 0 || state_create(&state, f->name, e) < 0)
		return err_step(e, "state");
	r = launch_start(&l, e);
	if (r == 0)
		r = look_after(&l, o, src, f, &state, scratch, e);
	state_remove(&state);
	return r;
}

static int prepare(struct options *o, const struct policy_source *src, struct arena *a, struct arena *b,
		   const struct plan **plan, struct facts *f, char *name, struct err *e)
{
	struct judgement j = { .weakenings = json_array() };
	const struct findings findings = { judge, &j };
	struct policy policy;

	f->weakenings = j.weakenings;
	f->policy_file = o->source.file;
	record_sha256(o->source.text, o->source.len, f->sha256);
	if (policy_parse(src, a, &policy, e) < 0)
		return err_step(e, "policy");
	f->name = o->request.name = launch_name(&policy, o->source.file, name, NAME_MAX_LEN);
	check_policy(&policy, &findings);
	controls_check(&policy, &findings);
	if (j.errors)
		return err_set(e, ERR_POLICY, 0, "`casemate check` shows all findings", "%u findings are errors", j.errors);
	return plan_make(&policy, &o->request, b, plan, e);
}

static int run(const struct command *c, int argc, char **argv)
{
	struct options o = { .status_fd = -1, .request = { .environ = (const char *const *)environ } };
	struct arena arenas[3] = { { 0 } };	/* policy, plan, what is needed only until the launch is done */
	struct policy_source src;
	struct facts facts = { 0 };
	const struct plan *plan;
	struct err e = { 0 };
	char name[NAME_MAX_LEN];
	const char *file = NULL;
	int r = parse_options(c, argc, argv, &o, &file, &e);

	if (r == 1)
		return 0;
	for (size_t i = 0; r == 0 && i < COUNT(arenas); i++)
		if (arena_init(&arenas[i], ARENA_SIZE) < 0)
			r = err_set(&e, ERR_HOST, ENOMEM, NULL, "out of memory");
	if (r == 0)
		r = source_load(&o.source, file, &src, &e);
	if (r == 0)
		r = prepare(&o, &src, &arenas[0], &arenas[1], &plan, &facts, name, &e);
	if (r == 0)
		r = launch(&o, &src, plan, &facts, &arenas[2], &e);
	if (e.kind != ERR_NONE) {
		err_print(&e, file);
		r = err_exit_code(&e);
	}
	json_decref(facts.weakenings);
	source_free(&o.source);
	for (size_t i = 0; i < COUNT(arenas); i++)
		arena_free(&arenas[i]);
	return r;
}

const struct command cmd_run = {
	.name = "run",
	.usage = "[--name NAME] [--without CONTROL[,CONTROL...]] [--status-fd N] [--set KEY=VALUE ...] POLICY [-- ARG...]",
	.summary = "start a workload under every control of a policy",
	.help = "  --name NAME           what the container is called (default: the policy's name, or FILE-PID)\n"
		"  --without CONTROL,... go without these; each is named in the launch record\n"
		"  --status-fd N         write the launched and exited records there, as JSON lines\n"
		"  --set KEY=VALUE       lay a value over the policy, validated like the file\n"
		"  -- ARG...             append to the policy's args\n"
		"\n"
		"POLICY is a file, or - for standard input. The exit code is the workload's own, 128+n when signal n\n"
		"ended it, 125 when casemate failed, 126 when the program cannot be executed, 127 when it is not there.\n"
		"\n"
		"  casemate run web.json\n"
		"  casemate run --set limits.memory=1G --name web2 web.json\n"
		"  casemate run --without apparmor web.json -- -v\n",
	.run = run,
};
