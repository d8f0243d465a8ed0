/* stop.c - `casemate stop`: the stop signal, time to heed it, and then by force.
 *
 * The supervisor does all that when it gets SIGTERM, as it does for systemd; this command only asks it, and waits. Who wants
 * it to be quicker than the policy's stop.timeout kills PID 1 when that time is up, and with it everything in its pid
 * namespace (pid_namespaces(7)). */
#include "../launch/audit.h"
#include "../launch/container.h"
#include "../launch/record.h"
#include "cmd.h"

#include <signal.h>

static int stop_one(const char *name, void *ctx, struct err *e)
{
	_auto(container_close) struct container c = CONTAINER_NONE;
	int r;

	if (container_open(&c, name, e) < 0 || audit_event(record_event("stop", name, NULL), e) < 0 ||
	    container_signal(&c, c.supervisor, SIGTERM, e) < 0)
		return -1;
	r = container_wait(&c, *(const int *)ctx, e);
	if (r == 0 && container_signal(&c, c.init, SIGKILL, e) == 0)
		r = container_wait(&c, -1, e);
	return r < 0 || e->kind != ERR_NONE ? -1 : 0;
}

static int run(const struct command *c, int argc, char **argv)
{
	return each_name_timed(c, argc, argv, stop_one);
}

const struct command cmd_stop = {
	.name = "stop",
	.usage = "[--time TIME] NAME...",
	.summary = "stop containers: the policy's stop signal, its timeout, then by force",
	.help = "  -t, --time TIME   kill after this time, where it is shorter than the policy's stop.timeout\n\n"
		"Returns once they have ended. What systemd starts again, `systemctl stop` stops.\n",
	.run = run,
};
