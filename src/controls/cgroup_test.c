/* The leaf of a launch: found, made, used up and removed, in every situation; and when any call goes wrong. */
#include "cgroup.h"
#include "limits.h"
#include "../../tests/fake/cgroupfs.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/syscall.h>

#include <cmocka.h>

#define ALL "cpuset cpu io memory pids"
#define UNIT "/system.slice/web.service"

struct world {
	struct cgroupfs fs;
	struct sys sys;
	struct policy policy;
	struct arena arena;
	struct plan plan;
	struct launch l;
	struct err e;
};

static struct world *world(const char *controllers, const char *own)
{
	static struct world w;

	arena_free(&w.arena);
	memset(&w, 0, sizeof(w));
	cgroupfs_reset(&w.fs, controllers, own);
	w.sys = cgroupfs_gate(&w.fs);
	w.policy.limits = (struct limits_policy){ .memory = 64 << 20, .oom_group = true, .cpus = 500000, .cpu_weight = 100,
					   .pids = 32, .cpuset = "" };
	w.plan.name = "web";
	assert_int_equal(arena_init(&w.arena, 1 << 16), 0);
	assert_int_equal(control_memory.prepare(&w.policy, &w.plan, &w.arena, &w.e), 0);
	w.l = (struct launch){ .plan = &w.plan, .sys = &w.sys, .cgroup = -1, .cgroup_base = -1, .pidfd = -1 };
	return &w;
}

static struct cgroupfs_node *node(struct world *w, const char *path)
{
	char full[192];

	snprintf(full, sizeof(full), "/sys/fs/cgroup%s", path);
	return cgroupfs_find(&w->fs, full);
}

static const char *procs_of(struct world *w, int pid)
{
	for (size_t i = 0; i < w->fs.n_procs; i++)
		if (w->fs.proc[i].pid == pid)
			return w->fs.proc[i].path;
	return "gone";
}

static void opens(struct world *w, const char *path)
{
	if (cgroup_open(&w->l, &w->e) < 0)
		fail_msg("%s (%s)", w->e.msg, w->e.hint);
	assert_string_equal(w->l.cgroup_path, path);
	assert_non_null(node(w, path));
}

static void closes_without_trace(struct world *w)
{
	cgroup_close(&w->l);
	assert_int_equal(cgroupfs_open_fds(&w->fs), 0);
	for (size_t i = 0; i < w->fs.n_nodes; i++)
		if (strstr(w->fs.node[i].path, "/casemate/cgroup.procs"))	/* every cgroup has one */
			fail_msg("left behind: %s", w->fs.node[i].path);
}

/* --- the situations --- */

static void root_in_a_delegated_unit_divides_it(void **s)
{
	struct world *w = world(ALL, UNIT);

	(void)s;
	node(w, UNIT)->marked = true;
	cgroupfs_join(&w->fs, 101, UNIT);
	opens(w, UNIT "/casemate/web");
	assert_string_equal(procs_of(w, 100), UNIT "/" CGROUP2_SUPERVISOR);
	assert_string_equal(procs_of(w, 101), UNIT "/" CGROUP2_SUPERVISOR);
	assert_string_equal(cgroupfs_text(&w->fs, UNIT, "cgroup.subtree_control"), "memory cpu pids");
	assert_string_equal(cgroupfs_text(&w->fs, UNIT "/casemate", "cgroup.subtree_control"), "memory cpu pids");
	closes_without_trace(w);
}

static void the_next_launcher_is_born_among_the_supervisors(void **s)
{
	struct world *w = world(ALL, UNIT);

	(void)s;
	node(w, UNIT)->marked = true;
	opens(w, UNIT "/casemate/web");
	cgroupfs_join(&w->fs, 100, UNIT "/" CGROUP2_SUPERVISOR);
	w->plan.name = "db";
	opens(w, UNIT "/casemate/db");
	assert_null(node(w, UNIT "/" CGROUP2_SUPERVISOR "/casemate"));
	cgroup_close(&w->l);
	assert_non_null(node(w, UNIT "/casemate/web"));	/* the other launch's */
}

static void a_cgroup_below_a_delegated_one_counts_as_delegated(void **s)
{
	struct world *w = world(ALL, UNIT "/worker");

	(void)s;
	node(w, UNIT)->marked = true;
	opens(w, UNIT "/worker/casemate/web");
	closes_without_trace(w);
}

static void root_without_delegation_uses_the_top(void **s)
{
	struct world *w = world(ALL, UNIT);

	(void)s;
	cgroupfs_join(&w->fs, 1, "");	/* the root may hold processes */
	opens(w, "/casemate/web");
	assert_string_equal(procs_of(w, 100), UNIT);
	assert_string_equal(procs_of(w, 1), "");
	closes_without_trace(w);
}

static void root_trusts_no_cgroup_of_a_user(void **s)
{
	struct world *w = world(ALL, UNIT);

	(void)s;
	node(w, UNIT)->marked = true;
	node(w, UNIT)->uid = 1000;
	opens(w, "/casemate/web");
	closes_without_trace(w);
}

static void a_user_divides_what_he_may_write(void **s)
{
	struct world *w = world(ALL, "/user.slice/run-1.scope");

	(void)s;
	w->l.rootless = true;
	opens(w, "/user.slice/run-1.scope/casemate/web");
	closes_without_trace(w);
}

static void a_user_without_delegation_learns_the_command(void **s)
{
	struct world *w = world(ALL, "/user.slice/session-3.scope");

	(void)s;
	w->l.rootless = true;
	node(w, "/user.slice/session-3.scope/cgroup.subtree_control")->read_only = true;
	assert_int_equal(cgroup_open(&w->l, &w->e), -1);
	assert_int_equal(w->e.kind, ERR_HOST);
	assert_string_equal(w->e.hint, "systemd-run --user --scope -p Delegate=yes casemate run ...");
	assert_non_null(strstr(w->e.msg, "/user.slice/session-3.scope"));
	closes_without_trace(w);
}

static void no_tree_at_all(void **s)
{
	struct world *w = world(ALL, UNIT);

	(void)s;
	for (size_t i = 0; i < w->fs.n_nodes; i++)
		if (strncmp(w->fs.node[i].path, "/sys", 4) == 0)
			w->fs.node[i].path[0] = '\0';
	assert_int_equal(cgroup_open(&w->l, &w->e), -1);
	assert_int_equal(w->e.kind, ERR_HOST);
	assert_int_equal(cgroupfs_open_fds(&w->fs), 0);
}

static void cgroup_v1_is_not_taken_for_v2(void **s)
{
	struct world *w = world(ALL, UNIT);

	(void)s;
	node(w, "")->v1 = true;
	assert_int_equal(cgroup_open(&w->l, &w->e), -1);
	assert_non_null(strstr(w->e.msg, "no cgroup v2 tree"));
	closes_without_trace(w);
}

/* A hybrid host: the v2 tree is there, the controllers are in v1. */
static void controllers_in_v1_are_named_with_the_way_out(void **s)
{
	struct world *w = world("", "");

	(void)s;
	cgroupfs_add(&w->fs, "/proc/cgroups", "#subsys_name hierarchy num enabled\ncpu\t2\t1\t1\nmemory\t4\t10\t1\npids\t8\t1\t0");
	assert_int_equal(cgroup_open(&w->l, &w->e), -1);
	assert_int_equal(w->e.kind, ERR_HOST);
	assert_string_equal(w->e.msg, "no cgroup controller: memory in use by cgroup v1, cpu in use by cgroup v1, "
				      "pids disabled by the kernel's command line");
	assert_string_equal(w->e.hint, "--without limits.memory,limits.cpus,limits.pids");
	assert_string_equal(w->e.path, "/limits");
	closes_without_trace(w);
}

static void a_controller_not_delegated_is_told_from_one_that_does_not_exist(void **s)
{
	struct world *w = world(ALL, UNIT);

	(void)s;
	node(w, UNIT)->marked = true;
	snprintf(node(w, UNIT "/cgroup.controllers")->text, 512, "memory pids");
	assert_int_equal(cgroup_open(&w->l, &w->e), -1);
	assert_string_equal(w->e.msg, "no cgroup controller: cpu not delegated to us");
	assert_string_equal(w->e.hint, "Delegate=yes in the unit; or --without limits.cpus");

	w = world("cpu memory pids", UNIT);
	w->policy.limits.io = &(struct io_limit){ "/srv", 1, 0, 0, 0 };
	w->policy.limits.n_io = 1;
	w->plan.n_limits = 0;
	assert_int_equal(control_memory.prepare(&w->policy, &w->plan, &w->arena, &w->e), 0);
	assert_int_equal(cgroup_open(&w->l, &w->e), -1);
	assert_string_equal(w->e.msg, "no cgroup controller: io not in this kernel");
}

static void nothing_to_limit_makes_nothing(void **s)
{
	struct world *w = world("", UNIT);

	(void)s;
	w->plan.n_limits = 0;
	assert_int_equal(cgroup_open(&w->l, &w->e), 0);
	assert_int_equal(w->l.cgroup, -1);
	closes_without_trace(w);
}

/* --- races and leftovers --- */

static void an_empty_leftover_is_replaced(void **s)
{
	struct world *w = world(ALL, UNIT);

	(void)s;
	cgroupfs_mkdir(&w->fs, "/casemate");
	cgroupfs_mkdir(&w->fs, "/casemate/web");
	cgroupfs_add(&w->fs, "/sys/fs/cgroup/casemate/web/old", "");
	opens(w, "/casemate/web");
	assert_null(node(w, "/casemate/web/old"));
	closes_without_trace(w);
}

static void a_leftover_with_processes_is_refused_and_kept(void **s)
{
	struct world *w = world(ALL, UNIT);

	(void)s;
	cgroupfs_mkdir(&w->fs, "/casemate");
	cgroupfs_mkdir(&w->fs, "/casemate/web");
	cgroupfs_join(&w->fs, 666, "/casemate/web");
	assert_int_equal(cgroup_open(&w->l, &w->e), -1);
	assert_non_null(strstr(w->e.msg, "still has processes"));
	assert_string_equal(procs_of(w, 666), "/casemate/web");
	assert_int_equal(cgroupfs_open_fds(&w->fs), 0);
}

/* Another launch ends: just before we make our leaf it removes the empty "casemate". */
static int remove_casemate_once(struct cgroupfs *f, long nr, const char *path)
{
	if (nr == SYS_mkdirat && strcmp(path, "/sys/fs/cgroup/casemate/web") == 0) {
		struct sys k = cgroupfs_gate(f);

		f->before = NULL;
		assert_int_equal(sys_unlink(&k, -1, "/sys/fs/cgroup/casemate", 0), 0);
	}
	return 0;
}

static void another_launch_may_remove_the_directory_between(void **s)
{
	struct world *w = world(ALL, UNIT);

	(void)s;
	w->fs.before = remove_casemate_once;
	opens(w, "/casemate/web");
	assert_null(w->fs.before);
	closes_without_trace(w);
}

/* A process is born in the unit's cgroup between the move and the enabling. */
static int fork_once(struct cgroupfs *f, long nr, const char *path)
{
	if (nr == SYS_openat && strcmp(path, "/sys/fs/cgroup" UNIT "/cgroup.subtree_control") == 0 &&
	    cgroupfs_find(f, "/sys/fs/cgroup" UNIT "/" CGROUP2_SUPERVISOR)) {
		f->before = NULL;
		cgroupfs_join(f, 102, UNIT);
	}
	return 0;
}

static void a_process_born_meanwhile_is_moved_too(void **s)
{
	struct world *w = world(ALL, UNIT);

	(void)s;
	node(w, UNIT)->marked = true;
	w->fs.before = fork_once;
	opens(w, UNIT "/casemate/web");
	assert_null(w->fs.before);
	assert_string_equal(procs_of(w, 102), UNIT "/" CGROUP2_SUPERVISOR);
	closes_without_trace(w);
}

static void closing_kills_who_is_left(void **s)
{
	struct world *w = world(ALL, UNIT);

	(void)s;
	opens(w, "/casemate/web");
	cgroupfs_join(&w->fs, 200, "/casemate/web");
	closes_without_trace(w);
	assert_string_equal(procs_of(w, 200), "gone");
}

static void closing_ends_even_if_a_process_does_not(void **s)
{
	struct world *w = world(ALL, UNIT);

	(void)s;
	opens(w, "/casemate/web");
	cgroupfs_join(&w->fs, 200, "/casemate/web");
	w->fs.proc[1].undying = true;
	cgroup_close(&w->l);
	assert_non_null(node(w, "/casemate/web"));
	assert_int_equal(cgroupfs_open_fds(&w->fs), 0);
}

/* --- at a path that an engine chose --- */

static struct world *path_world(const char *path)
{
	struct world *w = world(ALL, UNIT);

	w->plan.cgroup.path = path;
	return w;
}

static void a_path_is_made_and_handed_every_controller(void **s)
{
	struct world *w = path_world("/docker/0815");

	(void)s;
	opens(w, "/docker/0815");
	assert_string_equal(cgroupfs_text(&w->fs, "/docker", "cgroup.subtree_control"), ALL);
	assert_int_equal(limits_apply(&w->l, &w->e), 0);
	assert_string_equal(cgroupfs_text(&w->fs, "/docker/0815", "memory.max"), "67108864");
	cgroupfs_mkdir(&w->fs, "/docker/0815/init.scope");	/* of a systemd inside */
	cgroupfs_mkdir(&w->fs, "/docker/0815/init.scope/deeper");
	cgroupfs_join(&w->fs, 200, "/docker/0815/init.scope/deeper");
	closes_without_trace(w);
	assert_string_equal(procs_of(w, 200), "gone");
	assert_null(node(w, "/docker/0815"));
	assert_non_null(node(w, "/docker"));	/* the engine's */
}

static void a_path_is_wanted_without_any_limit(void **s)
{
	struct world *w = path_world("/0815");

	(void)s;
	w->plan.n_limits = 0;
	opens(w, "/0815");
	closes_without_trace(w);
	assert_null(node(w, "/0815"));
}

static void an_empty_cgroup_at_the_path_is_taken(void **s)
{
	struct world *w = path_world("/docker/0815");

	(void)s;
	cgroupfs_mkdir(&w->fs, "/docker");
	cgroupfs_mkdir(&w->fs, "/docker/0815");
	opens(w, "/docker/0815");
	closes_without_trace(w);
}

static void a_cgroup_in_use_at_the_path_is_refused_and_left_alone(void **s)
{
	struct world *w = path_world("/docker/0815");

	(void)s;
	cgroupfs_mkdir(&w->fs, "/docker");
	cgroupfs_mkdir(&w->fs, "/docker/0815");
	cgroupfs_join(&w->fs, 666, "/docker/0815");
	assert_int_equal(cgroup_open(&w->l, &w->e), -1);
	assert_non_null(strstr(w->e.msg, "is in use"));
	assert_string_equal(procs_of(w, 666), "/docker/0815");
	assert_int_equal(cgroupfs_open_fds(&w->fs), 0);
}

/* A process in "/docker" keeps the kernel from handing controllers down from there. */
static void a_limit_without_its_controller_is_an_error(void **s)
{
	struct world *w = path_world("/docker/0815");

	(void)s;
	cgroupfs_mkdir(&w->fs, "/docker");
	cgroupfs_join(&w->fs, 300, "/docker");
	assert_int_equal(cgroup_open(&w->l, &w->e), -1);
	assert_non_null(strstr(w->e.msg, "no controller for memory.max"));
	assert_string_equal(w->e.path, "/limits/memory");
	closes_without_trace(w);
	assert_null(node(w, "/docker/0815"));
}

/* --- what was used --- */

static void usage_tells_who_ran_out_of_memory(void **s)
{
	struct world *w = world(ALL, UNIT);
	struct usage u;

	(void)s;
	opens(w, "/casemate/web");
	snprintf(node(w, "/casemate/web/memory.events.local")->text, 512, "low 0\nhigh 0\nmax 7\noom 1\noom_kill 2");
	snprintf(node(w, "/casemate/web/memory.peak")->text, 512, "67108864");
	snprintf(node(w, "/casemate/web/pids.events")->text, 512, "max 3");
	snprintf(node(w, "/casemate/web/cpu.stat")->text, 512, "usage_usec 1500\nuser_usec 1\nthrottled_usec 40");
	assert_int_equal(cgroup_usage(&w->l, &u), 0);
	assert_int_equal(u.oom, OOM_OWN);
	assert_int_equal(u.oom_kills, 2);
	assert_int_equal(u.memory_peak, 67108864);
	assert_int_equal(u.pids_max_events, 3);
	assert_int_equal(u.cpu_usec, 1500);
	assert_int_equal(u.throttled_usec, 40);

	snprintf(node(w, "/casemate/web/memory.events.local")->text, 512, "low 0\nhigh 0\nmax 0\noom 0\noom_kill 1");
	node(w, "/casemate/web/memory.peak")->path[0] = '\0';	/* before 5.19 */
	assert_int_equal(cgroup_usage(&w->l, &u), 0);
	assert_int_equal(u.oom, OOM_ABOVE);
	assert_int_equal(u.memory_peak, 0);

	snprintf(node(w, "/casemate/web/memory.events.local")->text, 512, "oom 1\noom_kill 0");
	assert_int_equal(cgroup_usage(&w->l, &u), 0);
	assert_int_equal(u.oom, OOM_NONE);
	closes_without_trace(w);
}

/* --- any call fails, or lies --- */

static struct world *delegated_world(void)
{
	struct world *w = world(ALL, UNIT);

	node(w, UNIT)->marked = true;
	cgroupfs_join(&w->fs, 101, UNIT);
	return w;
}

static struct world *engines_world(void)
{
	return path_world("/docker/0815");
}

static int launch(struct world *w)
{
	return cgroup_open(&w->l, &w->e) < 0 || limits_apply(&w->l, &w->e) < 0 || limits_verify(&w->l, &w->e) < 0 ? -1 : 0;
}

static bool limited(struct world *w)
{
	const char *leaf = w->l.cgroup_path;	/* not knowing that the unit is delegated is no harm */

	return strcmp(cgroupfs_text(&w->fs, leaf, "memory.max"), "67108864") == 0 &&
	       strcmp(cgroupfs_text(&w->fs, leaf, "memory.swap.max"), "0") == 0 &&
	       strcmp(cgroupfs_text(&w->fs, leaf, "memory.oom.group"), "1") == 0 &&
	       strcmp(cgroupfs_text(&w->fs, leaf, "cpu.max"), "50000 100000") == 0 &&
	       strcmp(cgroupfs_text(&w->fs, leaf, "pids.max"), "32") == 0;
}

/* Neither may end in a launch without its limits, and a failure names itself. */
static unsigned bad_calls(struct world *(*ground)(void), enum cgroupfs_mischief how)
{
	struct world *w = ground();
	unsigned total, refused = 0;

	w->fs.how = how;
	assert_int_equal(launch(w), 0);
	total = w->fs.calls;
	for (unsigned n = 1; n <= total; n++) {
		int r;

		w = ground();
		w->fs.how = how;
		w->fs.nth = n;
		r = launch(w);
		if (r == 0 && !limited(w))
			fail_msg("call %u of %u went wrong and nobody noticed", n, total);
		if (r < 0 && (w->e.kind == ERR_NONE || !w->e.msg[0]))
			fail_msg("call %u of %u: no reason given", n, total);
		refused += r < 0;
		if (how == CGROUPFS_FAIL)
			closes_without_trace(w);
	}
	return refused;
}

static void every_failure_stops_and_leaves_nothing(void **s)
{
	(void)s;
	assert_true(bad_calls(delegated_world, CGROUPFS_FAIL) >= 50);
	assert_true(bad_calls(engines_world, CGROUPFS_FAIL) >= 40);
}

static void every_lie_is_noticed(void **s)
{
	(void)s;
	assert_true(bad_calls(delegated_world, CGROUPFS_LIE) >= 9);	/* the others change nothing, or are done again */
	assert_true(bad_calls(engines_world, CGROUPFS_LIE) >= 8);
}

/* The same for the way back: one failure, and everything is gone all the same. */
static void closing_survives_any_failure(void **s)
{
	(void)s;
	for (unsigned n = 1; n <= 8; n++) {
		struct world *w = delegated_world();

		assert_int_equal(launch(w), 0);
		cgroupfs_join(&w->fs, 200, UNIT "/casemate/web");
		w->fs.how = CGROUPFS_FAIL;
		w->fs.nth = n;
		closes_without_trace(w);
		assert_string_equal(procs_of(w, 200), "gone");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(root_in_a_delegated_unit_divides_it),
		cmocka_unit_test(the_next_launcher_is_born_among_the_supervisors),
		cmocka_unit_test(a_cgroup_below_a_delegated_one_counts_as_delegated),
		cmocka_unit_test(root_without_delegation_uses_the_top),
		cmocka_unit_test(root_trusts_no_cgroup_of_a_user),
		cmocka_unit_test(a_user_divides_what_he_may_write),
		cmocka_unit_test(a_user_without_delegation_learns_the_command),
		cmocka_unit_test(no_tree_at_all),
		cmocka_unit_test(cgroup_v1_is_not_taken_for_v2),
		cmocka_unit_test(controllers_in_v1_are_named_with_the_way_out),
		cmocka_unit_test(a_controller_not_delegated_is_told_from_one_that_does_not_exist),
		cmocka_unit_test(nothing_to_limit_makes_nothing),
		cmocka_unit_test(an_empty_leftover_is_replaced),
		cmocka_unit_test(a_leftover_with_processes_is_refused_and_kept),
		cmocka_unit_test(another_launch_may_remove_the_directory_between),
		cmocka_unit_test(a_process_born_meanwhile_is_moved_too),
		cmocka_unit_test(closing_kills_who_is_left),
		cmocka_unit_test(closing_ends_even_if_a_process_does_not),
		cmocka_unit_test(a_path_is_made_and_handed_every_controller),
		cmocka_unit_test(a_path_is_wanted_without_any_limit),
		cmocka_unit_test(an_empty_cgroup_at_the_path_is_taken),
		cmocka_unit_test(a_cgroup_in_use_at_the_path_is_refused_and_left_alone),
		cmocka_unit_test(a_limit_without_its_controller_is_an_error),
		cmocka_unit_test(usage_tells_who_ran_out_of_memory),
		cmocka_unit_test(every_failure_stops_and_leaves_nothing),
		cmocka_unit_test(every_lie_is_noticed),
		cmocka_unit_test(closing_survives_any_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
