/* verb_create.c - create, start, and run, which is both and waits for the end. */
#include "create.h"

#include "../launch/cgroup_held.h"
#include "../launch/relay.h"
#include "../launch/supervise.h"

#include <errno.h>
#include <sched.h>

static const struct option create_options[] = { BUNDLE_OPTIONS, { "help", no_argument, NULL, 'h' }, { 0 } };
static const struct option run_options[] = {
	BUNDLE_OPTIONS, { "detach", no_argument, NULL, 'd' }, { "keep", no_argument, NULL, OPT_KEEP },
	{ "help", no_argument, NULL, 'h' }, { 0 },
};
static const struct option start_options[] = { { "help", no_argument, NULL, 'h' }, { 0 } };

static int create(struct runtime *rt, int argc, char **argv, struct err *e)
{
	struct creation c;
	const char *id;
	int r;

	if (the_id(argc, argv, &id, e) < 0)
		return -1;
	rt->wish.detached = true;
	r = creation_make(&c, rt, id, e);
	creation_end(&c);
	return r;
}

static int start(struct runtime *rt, int argc, char **argv, struct err *e)
{
	_auto(oci_container_close) struct oci_container c = OCI_CONTAINER_NONE;

	return the_container(rt, argc, argv, true, &c, e) < 0 ? -1 : oci_container_start(&c, rt, e);
}

int oci_foreground(struct launch *l, struct err *e)
{
	const struct notify nobody = { .fd = -1 };
	struct loop loop = LOOP_INIT;
	struct relay relay;
	struct outcome out;

	if (relay_start(&relay, l, &loop, e) == 0)
		supervise(l, &nobody, &loop, &out);
	relay_end(&relay);
	loop_close(&loop);
	/* Without a pid namespace of its own, those that it left run on. */
	if (!l->plan->joins && !(l->plan->clone_flags & CLONE_NEWPID) && l->cgroup >= 0)
		(void)!cgroup_empty(l->sys, l->cgroup);
	launch_end(l);
	return e->kind != ERR_NONE ? -1 : outcome_exit_code(&out);
}

/* Others may have worked on it while it ran. Where one of them deleted it, its end was theirs. */
static void end_unless_gone(struct oci_container *c, const struct runtime *rt, int code)
{
	struct err e = { 0 };

	if ((c->state.lock < 0 && oci_container_lock(c, &e) < 0) || oci_container_end(c, rt, code, &e) < 0)
		if (e.sys != ENOENT)
			oci_warn_of(rt, &e);
}

static int run(struct runtime *rt, int argc, char **argv, struct err *e)
{
	struct creation c;
	const char *id;
	int r;

	if (the_id(argc, argv, &id, e) < 0)
		return -1;
	rt->wish.detached = rt->detach;
	r = creation_make(&c, rt, id, e);
	if (r == 0) {
		r = oci_container_start(&c.container, rt, e);
		if (r < 0) {
			launch_end(&c.launch);
			end_unless_gone(&c.container, rt, -1);
		} else if (!rt->detach) {
			close_fd(&c.container.state.lock);	/* others may work on it while it runs */
			r = oci_foreground(&c.launch, e);
			if (!rt->keep)
				end_unless_gone(&c.container, rt, r);
		}
	}
	creation_end(&c);
	return r;
}

const struct verb verb_create = {
	.goes_inside = true, .name = "create", .usage = "[--bundle DIR] [--pid-file FILE] [--console-socket PATH] [--preserve-fds N] [--no-pivot] [--no-new-keyring] ID",
	.summary = "make a container from a bundle; it waits for its start", .shorts = "b:h", .longs = create_options, .run = create,
};
const struct verb verb_start = {
	.name = "start", .usage = "ID", .summary = "execute the program of a created container", .shorts = "h", .longs = start_options, .run = start,
};
const struct verb verb_run = {
	.goes_inside = true, .name = "run", .usage = "[--detach] [--keep] [the options of create] ID", .summary = "create, start, wait for the end, delete",
	.shorts = "b:dh", .longs = run_options, .run = run,
};
