/* freezer.c - casemate pause and casemate resume: every process of a container stopped by the kernel, and let go on.
 *
 * The work is done on the cgroup from outside, with the caller's rights: the supervisor is confined and not asked. What is
 * frozen can still be killed, so `casemate kill` and a stop timeout end a paused container as well. */
#include "../launch/cgroup_held.h"
#include "../launch/audit.h"
#include "../launch/container.h"
#include "../launch/record.h"
#include "cmd.h"

#include <getopt.h>

static int set_frozen(const char *name, void *ctx, struct err *e)
{
	const bool frozen = *(const bool *)ctx;
	_auto(container_close) struct container c = CONTAINER_NONE;
	_auto(close_fd) int cgroup = -1;

	if (container_open(&c, name, e) < 0)
		return -1;
	cgroup = container_cgroup(&c, e);
	if (cgroup < 0)
		return -1;
	if (cgroup_is_frozen(&sys_kernel, cgroup) == frozen)
		return err_set(e, ERR_USAGE, 0, NULL, "the container '%s' is %s", name, frozen ? "paused already" : "not paused");
	/* Asked for is told before it happens, so that nothing happens untold. */
	return audit_event(record_event(frozen ? "pause" : "resume", name, NULL), e) < 0 ? -1 : cgroup_freeze(&sys_kernel, cgroup, frozen, e);
}

static int run(const struct command *c, int argc, char **argv)
{
	static const struct option longs[] = { { "help", no_argument, NULL, 'h' }, { 0 } };
	bool frozen = c == &cmd_pause;
	int opt;

	while ((opt = getopt_long(argc, argv, "h", longs, NULL)) != -1)
		return opt == 'h' ? show_help(c) : usage_error(c, "unknown option");
	return each_name(c, argc, argv, set_frozen, &frozen);
}

const struct command cmd_pause = {
	.name = "pause",
	.usage = "NAME...",
	.summary = "stop every process of a running container where it is",
	.help = "The kernel's freezer stops them; they keep their memory and their files, and find later that time went by.\n"
		"`casemate resume NAME` lets them go on.\n",
	.run = run,
};

const struct command cmd_resume = {
	.name = "resume",
	.usage = "NAME...",
	.summary = "let a paused container go on",
	.run = run,
};
