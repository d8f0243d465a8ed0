/* stop.c - `casemate stop`: the stop signal, time to heed it, and then by force.
 *
 * The supervisor does all that when it gets SIGTERM, as it does for systemd; this command only asks it, and waits. Who wants
 * it to be quicker than the policy's stop.timeout kills PID 1 when that time is up, and with it everything in its pid
 * namespace (pid_namespaces(7)). */
#include "../launch/audit.h"
#include "../launch/container.h"
#include "../launch/record.h"
#include "../policy/units.h"
#include "cmd.h"

#include <getopt.h>
#include <limits.h>
#include <signal.h>

static int stop_one(const char *name, int timeout, struct err *e)
{
	_auto(container_close) struct container c = CONTAINER_NONE;
	int r;

	if (container_open(&c, name, e) < 0 || audit_event(record_event("stop", name, NULL), e) < 0 ||
	    container_signal(&c, c.supervisor, SIGTERM, e) < 0)
		return -1;
	r = container_wait(&c, timeout, e);
	if (r == 0 && container_signal(&c, c.init, SIGKILL, e) == 0)
		r = container_wait(&c, -1, e);
	return r < 0 || e->kind != ERR_NONE ? -1 : 0;
}

static int run(const struct command *c, int argc, char **argv)
{
	static const struct option longs[] = { { "time", required_argument, NULL, 't' }, { "help", no_argument, NULL, 'h' }, { 0 } };
	int opt, timeout = -1, code = EXIT_FINE;
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
	if (optind == argc)
		return usage_error(c, "which container?");
	for (; optind < argc; optind++) {
		struct err e = { 0 };

		if (stop_one(argv[optind], timeout, &e) == 0)
			continue;
		err_print(&e, NULL);
		code = err_exit_code(&e);
	}
	return code;
}

const struct command cmd_stop = {
	.name = "stop",
	.usage = "[--time TIME] NAME...",
	.summary = "stop containers: the policy's stop signal, its timeout, then by force",
	.help = "  -t, --time TIME   kill after this time, where it is shorter than the policy's stop.timeout\n\n"
		"Returns once they have ended. What systemd starts again, `systemctl stop` stops.\n",
	.run = run,
};
