/* order_test.c - the two tables are right, proved without root and without a kernel: nothing is used
 * after it was given up; one failing call, whichever it is, stops the launch; one lying call is noticed. */
#include "../../src/launch/order.h"
#include "../../src/launch/parent.h"
#include "../../src/launch/plan.h"
#include "../fake/kernel.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mount.h>

#include <cmocka.h>

static const char policy_text[] =
	"{\"version\": 1, \"name\": \"t\", \"rootfs\": \"/img\", \"args\": [\"/bin/app\"],"
	" \"user\": {\"uid\": 10001, \"gid\": 10001}, \"capabilities\": [\"net_bind_service\"],"
	" \"notify\": \"workload\","
	" \"sysctl\": {\"net.ipv4.ip_unprivileged_port_start\": \"80\"},"
	" \"mounts\": [{\"type\": \"bind\", \"source\": \"/srv/data\", \"target\": \"/data\"}]}";

struct world {
	struct fake fake;
	struct arena arena[3];
	struct sys gate;
	struct launch launch;
	const struct plan *plan;
	unsigned calls;		/* so many at least, or the loop has missed the launch */
};

static void make_plan(struct world *w, const char *without)
{
	const struct policy_source src = { .text = policy_text, .len = sizeof(policy_text) - 1 };
	/* The limits have a model of their own beside their code: cgroup_test.c. */
	const struct request rq = { .name = "t", .without = control_bits("limits.memory") | control_bits("limits.cpus") |
				    control_bits("limits.pids") | (without ? control_bits(without) : 0) };
	struct policy policy;
	struct err e = { 0 };

	for (size_t i = 0; i < COUNT(w->arena); i++)
		assert_int_equal(arena_init(&w->arena[i], 16 << 20), 0);
	if (policy_parse(&src, &w->arena[0], &policy, &e) < 0 || plan_make(&policy, &rq, &w->arena[1], &w->plan, &e) < 0)
		fail_msg("%s: %s: %s", e.step, e.path, e.msg);
}

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	*state = w;
	w->calls = 150;
	make_plan(w, NULL);
	return 0;
}

/* The same with the mounts of a config.json. */
static int set_up_listed(void **state)
{
	static const struct mount_wish proc = { .type = "proc", .own_dir = true }, dev = { .type = "tmpfs" },
				       data = { .deep_set = MOUNT_ATTR_RDONLY, .propagation = { MS_SLAVE | MS_REC } };
	static const struct plan_node null_node = { .mode = S_IFCHR | 0666, .major = 1, .minor = 3 };
	static const struct plan_mount mounts[] = {
		{ .kind = PLAN_FS, .target = "/proc", .attrs = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, .wish = &proc, .control = CONTROL_mounts },
		{ .kind = PLAN_FS, .target = "/dev", .attrs = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID, .wish = &dev, .control = CONTROL_mounts },
		{ .kind = PLAN_BIND, .target = "/data", .source = "/srv/data", .recursive = true, .attrs = MOUNT_ATTR_NOEXEC, .wish = &data,
		  .control = CONTROL_mounts },
		{ .kind = PLAN_NODE, .target = "/dev/null", .source = "/dev/null", .node = &null_node, .control = CONTROL_mounts },
		{ .kind = PLAN_READONLY, .target = "/proc/sys", .attrs = MOUNT_ATTR_RDONLY, .recursive = true, .control = CONTROL_masks },
		{ .kind = PLAN_MASK, .target = "/proc/kcore", .attrs = MOUNT_ATTR_RDONLY, .control = CONTROL_masks },
	};
	struct world *w;
	struct plan *plan;

	set_up(state);
	w = *state;
	plan = arena_alloc(&w->arena[1], sizeof(*plan));
	*plan = *w->plan;
	plan->listed = plan->dev_links = true;
	plan->root_attrs = MOUNT_ATTR_RDONLY;
	plan->mounts = mounts;
	plan->n_mounts = COUNT(mounts);
	plan->without |= CONTROL_BIT(CONTROL_landlock) | CONTROL_BIT(CONTROL_devices);	/* for the mounts of a policy */
	w->plan = plan;
	w->calls = 90;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < COUNT(w->arena); i++)
		arena_free(&w->arena[i]);
	free(w);
	return 0;
}

/* A whole launch against the model; what launch_start says. */
static int simulate(struct world *w, enum mischief how, unsigned nth, int error, struct err *e)
{
	arena_free(&w->arena[2]);
	assert_int_equal(arena_init(&w->arena[2], 4 << 20), 0);
	fake_reset(&w->fake, how, nth, error);
	w->gate = fake_gate(&w->fake);
	w->fake.launch = &w->launch;
	*e = (struct err){ 0 };
	assert_int_equal(launch_init(&w->launch, w->plan, &w->gate, &w->arena[2], e), 0);
	w->launch.uid = w->launch.gid = 0;
	w->launch.rootless = false;
	return launch_start(&w->launch, e);
}

static void nothing_is_used_after_it_was_given_up(void **state)
{
	unsigned gone = 0;

	(void)state;
	for (size_t i = 0; i < child_order_len; i++) {
		if (child_order[i].uses & gone)
			fail_msg("step '%s' uses %#x, which an earlier step gave up", child_order[i].name,
				 child_order[i].uses & gone);
		gone |= child_order[i].loses;
	}
	assert_int_equal(gone & MUST_LOSE, MUST_LOSE);
}

static void every_step_has_a_name_of_its_own_and_a_checker(void **state)
{
	const struct { const struct step *rows; size_t n; } tables[] = {
		{ parent_order, parent_order_len }, { child_order, child_order_len },
	};

	(void)state;
	for (size_t t = 0; t < COUNT(tables); t++)
		for (size_t i = 0; i < tables[t].n; i++) {
			assert_non_null(tables[t].rows[i].checked_by);
			for (size_t k = 0; k < i; k++)
				assert_string_not_equal(tables[t].rows[i].name, tables[t].rows[k].name);
		}
	assert_string_equal(child_order[child_order_len - 1].name, "seccomp");
}

/* Every control is either acted on by a row or verified in its own right. */
static void every_control_has_a_verify(void **state)
{
	(void)state;
	for (unsigned i = 0; i < CONTROL_COUNT; i++) {
		const struct control *c = control_get((enum control_id)i);

		if (!c->verify || !c->probe || !c->protects)
			fail_msg("control '%s' is incomplete", control_name((enum control_id)i));
	}
}

static void an_honest_kernel_gets_to_exec(void **state)
{
	struct world *w = *state;
	struct err e;

	if (simulate(w, HONEST, 0, 0, &e) < 0)
		fail_msg("%s: %s: %s", e.step, e.path, e.msg);
	assert_int_equal(w->fake.execed, 1);
	assert_true(w->fake.filtered && w->fake.restricted != waived(w->plan, CONTROL_landlock) && w->fake.nnp && w->fake.own_session && w->fake.own_keyring);
	assert_int_equal(w->launch.workload, FAKE_WORKLOAD);
	assert_string_equal(w->fake.hostname, "t");
	for (unsigned i = 0; i < CONTROL_COUNT; i++)
		if (!w->launch.value[i][0])
			fail_msg("the record says nothing of '%s'", control_name((enum control_id)i));
}

/* What may lie unnoticed although the outcome differs, and why that is safe. */
static const struct { const char *name, *why; } harmless_lies[] = {
	{ "landlock_add_rule", "a rule that is missing allows less" },
	{ "write", "the files that the workload is given come out empty; every write to the kernel is read back" },
};

static bool harmless(const struct fake *f)
{
	for (size_t i = 0; i < COUNT(harmless_lies); i++)
		if (strcmp(harmless_lies[i].name, f->culprit) == 0)
			return true;
	return false;
}

static unsigned honest_calls(struct world *w)
{
	struct err e;

	assert_int_equal(simulate(w, HONEST, 0, 0, &e), 0);
	return w->fake.calls;
}

static void every_failure_stops_the_launch(void **state)
{
	static const int errors[] = { EPERM, EINVAL, EINTR, ENOMEM };
	struct world *w = *state;
	unsigned total = honest_calls(w);
	struct err e;

	for (size_t k = 0; k < COUNT(errors); k++)
		for (unsigned n = 1; n <= total; n++) {
			int r = simulate(w, FAIL, n, errors[k], &e);

			if (strcmp(w->fake.culprit, "prlimit64") == 0 && errors[k] == EPERM)
				continue;	/* "unlimited" is as much as we may have */
			if (strcmp(w->fake.culprit, "mknodat") == 0 && errors[k] == EPERM)
				continue;	/* where nobody may make a device, the host's is bound */
			if (r == 0)
				fail_msg("call %u of %u (%s) failed with %d and the launch went on", n, total, w->fake.culprit, errors[k]);
			if (e.kind == ERR_NONE || !e.step[0] || !e.msg[0])
				fail_msg("call %u (%s) failed and nobody says so", n, w->fake.culprit);
			/* After READY only the filter is left, and its failure means that exec was not reached. */
			if (w->fake.execed && !w->fake.after_exec)
				fail_msg("call %u (%s) failed and the workload ran", n, w->fake.culprit);
			if (w->fake.namespaces && !w->fake.killed)
				fail_msg("call %u (%s) failed and the child was left alone", n, w->fake.culprit);
		}
	assert_true(total > w->calls);
}

/* Either the launch stops, or the workload runs exactly as it would have. */
static void every_lie_is_noticed(void **state)
{
	static char honest[64 * 1024], lied[64 * 1024];
	struct world *w = *state;
	unsigned total = honest_calls(w), noticed = 0;
	struct err e;

	fake_snapshot(&w->fake, honest, sizeof(honest));
	for (unsigned n = 1; n <= total; n++) {
		if (simulate(w, LIE, n, 0, &e) < 0) {
			noticed++;
			continue;
		}
		fake_snapshot(&w->fake, lied, sizeof(lied));
		if (strcmp(honest, lied) != 0 && !harmless(&w->fake))
			fail_msg("call %u of %u (%s) did nothing and nobody noticed", n, total, w->fake.culprit);
	}
	assert_true(noticed > w->calls / 3 * 2);
}

/* A waived control's rows are skipped, and the record says so. */
static void a_waiver_skips_its_rows(void **state)
{
	struct world *w = *state;
	struct err e;

	for (size_t i = 0; i < COUNT(w->arena); i++)
		arena_free(&w->arena[i]);
	make_plan(w, "no_new_privs");
	assert_int_equal(simulate(w, HONEST, 0, 0, &e), 0);
	assert_false(w->fake.nnp);
	assert_string_equal(w->launch.value[CONTROL_no_new_privs], "waived");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_used_after_it_was_given_up),
		cmocka_unit_test(every_step_has_a_name_of_its_own_and_a_checker),
		cmocka_unit_test(every_control_has_a_verify),
		cmocka_unit_test_setup_teardown(an_honest_kernel_gets_to_exec, set_up, tear_down),
		cmocka_unit_test_setup_teardown(every_failure_stops_the_launch, set_up, tear_down),
		cmocka_unit_test_setup_teardown(every_lie_is_noticed, set_up, tear_down),
		{ "an_honest_kernel_gets_to_exec, listed mounts", an_honest_kernel_gets_to_exec, set_up_listed, tear_down, NULL },
		{ "every_failure_stops_the_launch, listed mounts", every_failure_stops_the_launch, set_up_listed, tear_down, NULL },
		{ "every_lie_is_noticed, listed mounts", every_lie_is_noticed, set_up_listed, tear_down, NULL },
		cmocka_unit_test_setup_teardown(a_waiver_skips_its_rows, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
