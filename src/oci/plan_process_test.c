/* process and linux.seccomp of a config.json to a plan: every member, every mistake with its place. */
#include "world_test.h"

#include <linux/capability.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <cmocka.h>

/* `process` is what stands in it beside args and cwd, `linux` a whole object. */
static int plan_it(struct world *w, const char *process, const char *linux_part)
{
	const struct plan before = { .last_cap = CAP_CHECKPOINT_RESTORE, .own_userns = true };

	if (parse_it(w, &before, process, linux_part) < 0)
		return -1;
	return oci_plan_process(&w->spec, &w->plan, &w->arena, &w->e);
}

static void plans(struct world *w, const char *process, const char *linux_part)
{
	if (plan_it(w, process, linux_part) < 0)
		fail_msg("%s: %s", w->e.path, w->e.msg);
}

static void what_is_not_asked_for_is_waived(void **state)
{
	struct world *w = *state;

	plans(w, "", "{}");
	assert_true(waived(&w->plan, CONTROL_seccomp) && waived(&w->plan, CONTROL_apparmor) && waived(&w->plan, CONTROL_no_new_privs));
	assert_int_equal(w->plan.uid, 0);
	assert_false(w->plan.leaves_root || w->plan.terminal || w->plan.sched.has_score || w->plan.sched.has_policy);
	assert_null(w->plan.selinux);
	for (size_t i = 0; i < CAP_SETS; i++)
		assert_int_equal(w->plan.caps[i], 0);
}

static void five_sets_as_given(void **state)
{
	struct world *w = *state;

	plans(w, "\"user\": {\"uid\": 5, \"gid\": 6, \"additionalGids\": [7, 8], \"umask\": 63}, \"noNewPrivileges\": true, \"capabilities\": {"
		 "\"bounding\": [\"CAP_KILL\", \"CAP_CHOWN\", \"CAP_FOWNER\"], \"permitted\": [\"CAP_CHOWN\", \"CAP_KILL\"],"
		 "\"effective\": [\"CAP_CHOWN\"], \"inheritable\": [\"CAP_KILL\"], \"ambient\": [\"CAP_KILL\"]}", "{}");
	assert_int_equal(w->plan.caps[CAPS_BOUNDING], 1 << CAP_KILL | 1 << CAP_CHOWN | 1 << CAP_FOWNER);
	assert_int_equal(w->plan.caps[CAPS_PERMITTED], 1 << CAP_KILL | 1 << CAP_CHOWN);
	assert_int_equal(w->plan.caps[CAPS_EFFECTIVE], 1 << CAP_CHOWN);
	assert_int_equal(w->plan.caps[CAPS_INHERITABLE], 1 << CAP_KILL);
	assert_int_equal(w->plan.caps[CAPS_AMBIENT], 1 << CAP_KILL);
	assert_true(w->plan.leaves_root);
	assert_int_equal(w->plan.umask, 077);
	assert_int_equal(w->plan.n_groups, 2);
	assert_int_equal(w->plan.groups[1], 8);
	assert_false(waived(&w->plan, CONTROL_no_new_privs));
}

static void unknown_capabilities_are_warned_of_or_refused(void **state)
{
	static const char caps[] = "\"capabilities\": {\"bounding\": [\"CAP_KILL\", \"CAP_BOGUS\"]}";
	struct world *w = *state;

	plans(w, caps, "{}");
	assert_int_equal(w->plan.caps[CAPS_BOUNDING], 1 << CAP_KILL);
	assert_non_null(strstr(warned, "CAP_BOGUS"));
	plans(w, "\"capabilities\": {\"bounding\": [\"CAP_KILL\"], \"permitted\": [\"CAP_KILL\"], \"ambient\": [\"CAP_KILL\"]}", "{}");
	assert_int_equal(w->plan.caps[CAPS_AMBIENT], 0);
	assert_non_null(strstr(warned, "CAP_KILL is not"));
	w->wish.strict = true;
	assert_int_equal(plan_it(w, caps, "{}"), -1);
	assert_string_equal(w->e.path, "/process/capabilities/bounding/1");
}

static void the_last_of_a_name_and_a_home(void **state)
{
	struct world *w = *state;

	plans(w, "\"env\": [\"A=1\", \"AB=2\", \"A=\", \"HOME=/h\", \"A\", \"A=3\"]", "{}");
	assert_string_equal(w->plan.envp[0], "A=3");
	assert_string_equal(w->plan.envp[1], "AB=2");
	assert_string_equal(w->plan.envp[2], "HOME=/h");
	assert_null(w->plan.envp[3]);
	assert_null(w->plan.home);
	plans(w, "\"env\": [\"HOME=/h\", \"HOME=\", \"B=\"]", "{}");
	assert_ptr_equal(w->plan.home, &w->plan.envp[0]);
	assert_string_equal(*w->plan.home, "HOME=/");
	w->wish.listen_fds = 2;
	plans(w, "\"env\": [\"LISTEN_FDS=9\"]", "{}");
	assert_string_equal(w->plan.envp[0], "LISTEN_FDS=2");
	assert_string_equal(w->plan.envp[1], "LISTEN_PID=1");
	assert_ptr_equal(w->plan.home, &w->plan.envp[2]);
	assert_null(w->plan.envp[3]);
}

static void limits_and_scheduling(void **state)
{
	struct world *w = *state;

	w->wish.exec = true;
	plans(w, "\"rlimits\": [{\"type\": \"RLIMIT_NOFILE\", \"soft\": 10, \"hard\": 20}, {\"type\": \"RLIMIT_CORE\", \"soft\": 0, "
		 "\"hard\": 18446744073709551615}], \"oomScoreAdj\": -5, \"scheduler\": {\"policy\": \"SCHED_BATCH\", \"nice\": 3, "
		 "\"flags\": [\"SCHED_FLAG_RESET_ON_FORK\"]}, \"ioPriority\": {\"class\": \"IOPRIO_CLASS_IDLE\", \"priority\": 2}, "
		 "\"execCPUAffinity\": {\"initial\": \"0\", \"final\": \"1-3,64\"}, \"selinuxLabel\": \"a:b:c\", \"apparmorProfile\": \"p\"",
	      "{\"personality\": {\"domain\": \"LINUX32\"}}");
	assert_int_equal(w->plan.n_rlimits, 2);
	assert_int_equal(w->plan.rlimits[0].resource, RLIMIT_NOFILE);
	assert_int_equal(w->plan.rlimits[0].soft, 10);
	assert_int_equal(w->plan.rlimits[0].hard, 20);
	assert_string_equal(w->plan.rlimits[1].at, "/process/rlimits/1");
	assert_true(w->plan.rlimits[1].hard == UINT64_MAX && w->plan.rlimits[1].soft == 0);
	assert_true(w->plan.sched.has_score && w->plan.sched.score == -5);
	assert_true(w->plan.sched.has_policy && w->plan.sched.policy.policy == SCHED_BATCH && w->plan.sched.policy.nice == 3);
	assert_int_equal(w->plan.sched.policy.flags, 1);
	assert_int_equal(w->plan.sched.io, 3 << 13 | 2);
	assert_int_equal(w->plan.sched.persona, PER_LINUX32);
	assert_int_equal(w->plan.sched.cpus_before[0], 1);
	assert_int_equal(w->plan.sched.cpus[0], 14);
	assert_int_equal(w->plan.sched.cpus[1], 1);
	assert_string_equal(w->plan.selinux, "a:b:c");
	assert_string_equal(w->plan.apparmor, "p");
	w->wish.exec = false;
	plans(w, "\"execCPUAffinity\": {\"final\": \"1-3,64\"}", "{}");
	assert_null(w->plan.sched.cpus);
}

#define ASKS "\"syscalls\": [{\"names\": [\"mkdir\"], \"action\": \"SCMP_ACT_NOTIFY\"}]"

static void a_filter_and_its_agent(void **state)
{
	struct world *w = *state;

	plans(w, "", "{\"seccomp\": {\"defaultAction\": \"SCMP_ACT_ALLOW\", \"listenerPath\": \"/s\", \"flags\": [\"SECCOMP_FILTER_FLAG_LOG\"]}}");
	assert_false(waived(&w->plan, CONTROL_seccomp));
	assert_true(w->plan.filter.len > 0 && w->plan.filter_flags != 0);
	assert_null(w->plan.listener);		/* nobody is asked */
	plans(w, "", "{\"seccomp\": {\"defaultAction\": \"SCMP_ACT_ALLOW\", \"listenerPath\": \"/s\", \"listenerMetadata\": \"m\", " ASKS "}}");
	assert_string_equal(w->plan.listener, "/s");
	w->wish.rootless = true;
	assert_int_equal(plan_it(w, "", "{\"seccomp\": {\"defaultAction\": \"SCMP_ACT_ALLOW\", \"listenerPath\": \"/s\", " ASKS "}}"), -1);
	assert_string_equal(w->e.path, "/linux/seccomp/listenerPath");
}

static void limits_are_exact(void **state)
{
	static const uint64_t values[] = { 0, INT64_MAX, UINT64_C(1) << 63, UINT64_MAX - 1, UINT64_MAX };
	struct world *w = *state;

	for (size_t i = 0; i < COUNT(values); i++) {
		plans(w, arena_printf(&w->arena, "\"rlimits\": [{\"type\": \"RLIMIT_CORE\", \"soft\": %ju, \"hard\": %ju}]", (uintmax_t)values[i], (uintmax_t)values[i]),
		      "{}");
		assert_true(w->plan.rlimits[0].soft == values[i] && w->plan.rlimits[0].hard == values[i]);
	}
	assert_int_equal(plan_it(w, "\"rlimits\": [{\"type\": \"RLIMIT_AS\", \"soft\": -1, \"hard\": 1}]", "{}"), -1);
	assert_string_equal(w->e.path, "/process/rlimits/0");
	assert_int_equal(plan_it(w, "\"user\": {\"uid\": 1, \"gid\": 1, \"additionalGids\": [18446744073709551615]}", "{}"), -1);
	assert_string_equal(w->e.path, "/process/user/additionalGids/0");
}

static void mistakes_have_a_place(void **state)
{
	static const struct { const char *process, *linux_part, *path; } rows[] = {
		{ "\"user\": {\"uid\": 4294967295, \"gid\": 0}", "{}", "/process/user" },
		{ "\"user\": {\"uid\": -1, \"gid\": 0}", "{}", "/process/user" },
		{ "\"user\": {\"uid\": 0, \"gid\": 0, \"additionalGids\": [1, 4294967296]}", "{}", "/process/user/additionalGids/1" },
		{ "\"capabilities\": {\"effective\": [\"CAP_KILL\"]}", "{}", "/process/capabilities/effective" },
		{ "\"capabilities\": {\"inheritable\": [\"CAP_KILL\"]}", "{}", "/process/capabilities/inheritable" },
		{ "\"rlimits\": [{\"type\": \"RLIMIT_NOFILES\", \"soft\": 1, \"hard\": 1}]", "{}", "/process/rlimits/0" },
		{ "\"rlimits\": [{\"type\": \"RLIMIT_nofile\", \"soft\": 1, \"hard\": 1}]", "{}", "/process/rlimits/0" },
		{ "\"rlimits\": [{\"type\": \"RLIMIT_AS\", \"soft\": 1, \"hard\": 1}, {\"type\": \"RLIMIT_AS\", \"soft\": 1, \"hard\": 1}]", "{}",
		  "/process/rlimits/1" },
		{ "\"rlimits\": [{\"type\": \"RLIMIT_AS\", \"soft\": 2, \"hard\": 1}]", "{}", "/process/rlimits/0" },
		{ "\"rlimits\": [{\"type\": \"RLIMIT_AS\", \"soft\": 2}]", "{}", "/process/rlimits/0" },
		{ "\"oomScoreAdj\": 1001", "{}", "/process/oomScoreAdj" },
		{ "\"scheduler\": {\"policy\": \"SCHED_FAST\"}", "{}", "/process/scheduler" },
		{ "\"scheduler\": {\"policy\": \"SCHED_FIFO\", \"priority\": 100}", "{}", "/process/scheduler" },
		{ "\"ioPriority\": {\"class\": \"IOPRIO_CLASS_RT\", \"priority\": 8}", "{}", "/process/ioPriority" },
		{ "\"execCPUAffinity\": {\"initial\": \"3-1\"}", "{}", "/process/execCPUAffinity/initial" },
		{ "\"execCPUAffinity\": {\"initial\": \"1,\"}", "{}", "/process/execCPUAffinity/initial" },
		{ "\"execCPUAffinity\": {\"final\": \"1024\"}", "{}", "/process/execCPUAffinity/final" },
		{ "\"terminal\": true, \"consoleSize\": {\"height\": 65536}", "{}", "/process/consoleSize" },
		{ "", "{\"personality\": {\"domain\": \"BSD\"}}", "/linux/personality" },
		{ "", "{\"personality\": {\"domain\": \"LINUX\", \"flags\": [\"ADDR_NO_RANDOMIZE\"]}}", "/linux/personality" },
		{ "", "{\"seccomp\": {\"defaultAction\": \"SCMP_ACT_NOTIFY\"}}", "/linux/seccomp/defaultAction" },
		{ "", "{\"seccomp\": {\"defaultAction\": \"SCMP_ACT_ALLOW\", " ASKS "}}", "/linux/seccomp" },
		{ "", "{\"seccomp\": {\"defaultAction\": \"SCMP_ACT_ALLOW\", \"listenerMetadata\": \"m\"}}", "/linux/seccomp/listenerMetadata" },
		{ "", "{\"seccomp\": {\"defaultAction\": \"SCMP_ACT_ALLOW\", \"listenerPath\": \"s\", " ASKS "}}", "/linux/seccomp/listenerPath" },
		{ "", "{\"seccomp\": {\"defaultAction\": \"SCMP_ACT_X\"}}", "/linux/seccomp/defaultAction" },
	};
	struct world *w = *state;

	w->wish.exec = true;
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (plan_it(w, rows[i].process, rows[i].linux_part) == 0)
			fail_msg("%s %s was taken", rows[i].process, rows[i].linux_part);
		assert_string_equal(w->e.path, rows[i].path);
	}
}

static void a_terminal_and_who_takes_it(void **state)
{
	struct world *w = *state;

	plans(w, "\"terminal\": true, \"consoleSize\": {\"height\": 24, \"width\": 80}", "{}");
	assert_true(w->plan.terminal && w->plan.rows == 24 && w->plan.columns == 80);
	plans(w, "\"consoleSize\": {\"height\": 100000, \"width\": -1}", "{}");
	assert_true(w->plan.rows == 0 && w->plan.columns == 0);
	w->wish.detached = true;
	assert_int_equal(plan_it(w, "\"terminal\": true", "{}"), -1);
	w->wish.console_socket = "/s";
	plans(w, "\"terminal\": true", "{}");
	assert_int_equal(plan_it(w, "", "{}"), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_not_asked_for_is_waived), TEST(five_sets_as_given), TEST(unknown_capabilities_are_warned_of_or_refused),
		TEST(the_last_of_a_name_and_a_home), TEST(limits_and_scheduling), TEST(a_filter_and_its_agent), TEST(limits_are_exact),
		TEST(mistakes_have_a_place), TEST(a_terminal_and_who_takes_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
