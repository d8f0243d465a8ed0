/* wait.c - `casemate wait`: until a container has ended, and then the exit code of its workload. */
#include "../launch/container.h"
#include "cmd.h"

/* 0: printed; 1: it still runs when the time is up. */
static int wait_one(const char *name, void *ctx, struct err *e)
{
	_auto(container_close) struct container c = CONTAINER_NONE;
	_auto(free_mem) char *text = NULL;
	json_auto_t *record = NULL;
	int r;

	if (container_find(&c, name, e) < 0)
		return -1;
	r = c.phase == STATE_RUNNING ? container_wait(&c, *(const int *)ctx, e) : 1;
	if (r <= 0)
		return r < 0 ? -1 : 1;
	if (c.phase == STATE_LOST)
		return err_set(e, ERR_HOST, 0, "its processes were killed with it", "the supervisor of '%s' was killed: nobody saw how it ended", name);
	if (state_read_exit(&c.state, &text, e) < 0)
		return -1;
	record = json_loads(text, 0, NULL);
	if (!json_is_integer(json_object_get(record, "code")))
		return err_set(e, ERR_HOST, 0, NULL, "the exit record of '%s' makes no sense", name);
	printf("%d\n", (int)json_integer_value(json_object_get(record, "code")));
	return 0;
}

static int run(const struct command *c, int argc, char **argv)
{
	int code = each_name_timed(c, argc, argv, wait_one);

	return fflush(stdout) == 0 ? code : EXIT_OURS;
}

const struct command cmd_wait = {
	.name = "wait",
	.usage = "[--time TIME] NAME...",
	.summary = "wait until containers have ended, and print their exit codes",
	.help = "  -t, --time TIME   no longer than this\n\n"
		"Of one that has ended already the code is known where it was started with -d or --keep, until `casemate rm`.\n"
		"Exits 1 when one still runs, 125 when how it ended is not known.\n",
	.run = run,
};
