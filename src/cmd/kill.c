/* kill.c - `casemate kill`: one signal, to the workload itself.
 *
 * Not through the supervisor: it gives SIGTERM and SIGINT a meaning of its own (stop), and SIGSTOP would hit itself. */
#include "../launch/audit.h"
#include "../launch/container.h"
#include "../launch/record.h"
#include "../policy/names.h"
#include "cmd.h"

#include <getopt.h>
#include <signal.h>
#include <string.h>

/* A signal's name, with SIG or without, or its number. -1: neither. */
static int signal_of(const char *text)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (*text >= '0' && *text <= '9')
		return *end == '\0' && n > 0 && n < NSIG ? (int)n : -1;
	return signal_number(text);
}

static int kill_one(const char *name, void *ctx, struct err *e)
{
	const int sig = *(const int *)ctx;
	_auto(container_close) struct container c = CONTAINER_NONE;
	json_t *event = record_event("kill", name, NULL);
	const char *abbreviation = sigabbrev_np(sig);

	json_object_set_new(event, "signal", abbreviation ? json_sprintf("SIG%s", abbreviation) : json_integer(sig));
	if (container_open(&c, name, e) < 0) {
		json_decref(event);
		return -1;
	}
	/* Killed, the whole of it goes, and not one process that PID 1 would outlive for a moment. */
	return audit_event(event, e) < 0 ? -1 : container_signal(&c, sig == SIGKILL ? c.init : c.pid, sig, e);
}

static int run(const struct command *c, int argc, char **argv)
{
	static const struct option longs[] = { { "signal", required_argument, NULL, 's' }, { "help", no_argument, NULL, 'h' }, { 0 } };
	int opt, sig = SIGKILL;

	while ((opt = getopt_long(argc, argv, "hs:", longs, NULL)) != -1)
		switch (opt) {
		case 'h': return show_help(c);
		case 's':
			sig = signal_of(optarg);
			if (sig <= 0)
				return usage_error(c, "--signal wants a signal such as HUP, SIGHUP or 1, not '%s'", optarg);
			break;
		default: return usage_error(c, "unknown option");
		}
	return each_name(c, argc, argv, kill_one, &sig);
}

const struct command cmd_kill = {
	.name = "kill",
	.usage = "[--signal SIGNAL] NAME...",
	.summary = "send a signal to the workload (SIGKILL unless another is given)",
	.help = "  -s, --signal SIGNAL   by name or number\n\n"
		"The signal reaches the workload itself; SIGKILL ends the whole container at once.\n",
	.run = run,
};
