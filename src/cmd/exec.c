/* exec.c - casemate exec: one program more in a container that runs, confined as its workload is.
 *
 * The plan is the workload's, made again from the policy in the state directory; the child goes through the one child order and
 * is verified as the workload was. What differs is that the container is joined, not made (launch/join.c). Off unless the
 * policy allows it, never where the host's floor of today forbids it, and always in the audit trail, before it runs. */
#include "../launch/audit.h"
#include "../launch/container.h"
#include "../launch/floor.h"
#include "../launch/parent.h"
#include "../launch/record.h"
#include "../launch/relay.h"
#include "../launch/supervise.h"
#include "again.h"
#include "cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <string.h>
#include <sys/wait.h>

enum { ARENA_SIZE = 16 << 20 };

struct exec {
	const char *name;
	struct request request;
	bool input;
	struct container container;
	struct again again;
	struct launch launch;
	struct arena scratch;
};

static json_t *event(const struct exec *x, const char *kind)
{
	json_t *ret = record_event(kind, x->name, NULL), *args = json_array();

	for (size_t i = 0; args && i < x->request.n_args; i++)
		json_array_append_new(args, record_text(x->request.args[i]));
	json_object_set_new(ret, "args", args);
	return ret;
}

/* How it ended, or why it did not begin. */
static int write_end(const struct exec *x, const struct outcome *out, struct err *e)
{
	struct err ignored = { 0 };
	json_t *ended;

	if (x->request.healthcheck)	/* two events every half minute would hide all others; a change of health is one */
		return 0;
	ended = event(x, out ? "exec_exited" : "exec_refused");

	if (!out) {
		json_object_set_new(ended, "message", record_text(e->msg));
		return audit_event(ended, &ignored);
	}
	json_object_set_new(ended, "code", WIFEXITED(out->status) ? json_integer(WEXITSTATUS(out->status)) : json_null());
	json_object_set_new(ended, "signal", WIFSIGNALED(out->status) ? json_integer(WTERMSIG(out->status)) : json_null());
	json_object_set_new(ended, "duration_ms", json_integer((json_int_t)out->duration_ms));
	return audit_event(ended, e);
}

/* Without -i there is nobody to type, and nothing of the caller's to be read. */
static int no_input(struct err *e)
{
	_auto(close_fd) int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	return null >= 0 && dup2(null, STDIN_FILENO) >= 0 ? 0 : err_set(e, ERR_HOST, errno, NULL, "cannot open /dev/null");
}

static int prepare(struct exec *x, struct err *e)
{
	if (arena_init(&x->scratch, ARENA_SIZE) < 0)
		return err_set(e, ERR_HOST, ENOMEM, NULL, "out of memory");
	if ((!x->request.healthcheck && floor_allows_exec(e) < 0) || container_open(&x->container, x->name, e) < 0 ||
	    again_join(&x->again, &x->container, &x->request, e) < 0 ||
	    launch_init(&x->launch, x->again.plan, &sys_kernel, &x->scratch, e) < 0)
		return -1;
	x->launch.joined = x->container.pid;
	x->launch.joined_fd = container_pidfd(&x->container, x->container.pid, e);
	if (x->launch.joined_fd < 0 || (!x->input && no_input(e) < 0))
		return -1;
	return x->request.healthcheck ? 0 : audit_event(event(x, "exec"), e);
}

/* Its exit code, or -1 and *e. */
static int execute(struct exec *x, struct err *e)
{
	const struct notify nobody = { .fd = -1 };
	struct loop loop = LOOP_INIT;
	struct relay relay = { .master = -1 };
	struct outcome out;

	if (prepare(x, e) < 0 || launch_start(&x->launch, e) < 0) {
		(void)!write_end(x, NULL, e);
		return -1;
	}
	if (relay_start(&relay, &x->launch, &loop, e) == 0)
		supervise(&x->launch, &nobody, &loop, &out);
	relay_end(&relay);
	loop_close(&loop);
	launch_end(&x->launch);
	if (e->kind != ERR_NONE)
		return -1;
	return write_end(x, &out, e) < 0 ? -1 : outcome_exit_code(&out);
}

static int run(const struct command *c, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "interactive", no_argument, NULL, 'i' }, { "tty", no_argument, NULL, 't' }, { "workdir", required_argument, NULL, 'w' },
		{ "healthcheck", no_argument, NULL, 'H' }, { "help", no_argument, NULL, 'h' }, { 0 },
	};
	struct exec x = { .container = CONTAINER_NONE, .request = { .joins = true } };
	struct err e = { 0 };
	int opt, r;

	while ((opt = getopt_long(argc, argv, "+hitw:", longs, NULL)) != -1)
		switch (opt) {
		case 'h': return show_help(c);
		case 'i': x.input = true; break;
		case 't': x.request.terminal = true; break;
		case 'H': x.request.healthcheck = true; break;
		case 'w': x.request.cwd = optarg; break;
		default: return usage_error(c, "unknown option");
		}
	if (optind == argc)
		return usage_error(c, "which container?");
	x.name = argv[optind++];
	optind += optind < argc && strcmp(argv[optind], "--") == 0;
	if ((optind == argc) != x.request.healthcheck)
		return usage_error(c, x.request.healthcheck ? "the program of --healthcheck is the policy's" : "which program?");
	/* Neither the policy's "exec" nor the floor's is asked for it, and it is no audit event: it is the policy's program as the policy has it. */
	if (x.request.healthcheck && (x.input || x.request.terminal || x.request.cwd))
		return usage_error(c, "--healthcheck goes without -i, -t and --workdir");
	if (x.request.cwd && *x.request.cwd != '/')
		return usage_error(c, "--workdir wants an absolute path, not '%s'", x.request.cwd);
	x.request.args = (const char *const *)argv + optind;
	x.request.n_args = (size_t)(argc - optind);
	r = execute(&x, &e);
	container_close(&x.container);
	arena_free(&x.scratch);
	again_free(&x.again);
	if (r >= 0)
		return r;
	err_print(&e, NULL);
	return err_exit_code(&e);
}

const struct command cmd_exec = {
	.name = "exec",
	.usage = "[-i] [-t] [--workdir DIR] NAME [--] PROGRAM [ARG...] | --healthcheck NAME",
	.summary = "start a program in a running container, confined as its workload is",
	.help = "  -i, --interactive    pass standard input on; without it there is none\n"
		"  -t, --tty            give it a terminal of its own\n"
		"  -w, --workdir DIR    where it starts, in place of the policy's cwd\n"
		"      --healthcheck    without the others: the policy's healthcheck.exec, once; exits as it does\n\n"
		"The policy must have \"exec\": true, and each one is an audit event; neither goes for --healthcheck. Signals are passed on,\n"
		"and its exit code is ours; it ends with us, and with the container.\n",
	.run = run,
};
