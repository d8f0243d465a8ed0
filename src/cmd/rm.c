/* rm.c - `casemate rm`: what a container that has ended left behind. */
#include "../controls/cgroup.h"
#include "../launch/audit.h"
#include "../launch/container.h"
#include "../launch/record.h"
#include "cmd.h"

#include <getopt.h>
#include <signal.h>

static int end_it(const char *name, struct err *e)
{
	_auto(container_close) struct container c = CONTAINER_NONE;

	if (container_find(&c, name, e) < 0)
		return -1;
	if (c.phase != STATE_RUNNING)
		return 0;
	if (audit_event(record_event("kill", name, NULL), e) < 0 || container_signal(&c, c.init, SIGKILL, e) < 0)
		return -1;
	return container_wait(&c, -1, e) < 0 ? -1 : 0;
}

/* Forced: one that ran until now may have taken everything with it. */
static int remove_one(const char *name, void *ctx, struct err *e)
{
	const bool force = *(const bool *)ctx;
	enum state_phase phase;
	struct state s;

	if (!force)
		return state_bury(name, cgroup_sweep, e);
	if (end_it(name, e) < 0)
		return -1;
	if (state_find(&s, name, &phase, e) < 0) {
		*e = (struct err){ 0 };
		return 0;
	}
	state_close(&s);
	return state_bury(name, cgroup_sweep, e);
}

static int run(const struct command *c, int argc, char **argv)
{
	static const struct option longs[] = { { "force", no_argument, NULL, 'f' }, { "help", no_argument, NULL, 'h' }, { 0 } };
	int opt;
	bool force = false;

	while ((opt = getopt_long(argc, argv, "hf", longs, NULL)) != -1)
		switch (opt) {
		case 'h': return show_help(c);
		case 'f': force = true; break;
		default: return usage_error(c, "unknown option");
		}
	return each_name(c, argc, argv, remove_one, &force);
}

const struct command cmd_rm = {
	.name = "rm",
	.usage = "[--force] NAME...",
	.summary = "remove what containers that have ended left behind",
	.help = "  -f, --force   kill those that still run first\n\n"
		"A container leaves nothing but how it ended, and that only with -d or --keep; or, when its supervisor was killed,\n"
		"an empty cgroup and its state, which the next launch removes as well.\n",
	.run = run,
};
