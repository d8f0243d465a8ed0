/* What is written for each limit, what counts as held, and what is reported when a cgroup above is tighter. */
#include "limits.h"
#include "cgroup.h"
#include "../../tests/fake/cgroupfs.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define LEAF "/casemate/web"

struct world {
	struct cgroupfs fs;
	struct sys sys;
	struct io_limit io[2];
	struct policy policy;
	struct arena arena;
	struct plan plan;
	struct launch l;
	struct target t;
	char value[CONTROL_COUNT][VALUE_MAX];
	struct err e;
};

static struct world *world(void)
{
	static struct world w;

	arena_free(&w.arena);
	memset(&w, 0, sizeof(w));
	if (arena_init(&w.arena, 1 << 16) < 0)
		abort();
	cgroupfs_reset(&w.fs, "cpuset cpu io memory pids", "/system.slice/sshd.service");
	w.sys = cgroupfs_gate(&w.fs);
	w.policy.init = true;
	w.policy.limits = (struct limits_policy){ .memory = 64 << 20, .oom_group = true, .cpus = 500000, .cpu_weight = 100,
						  .pids = 32, .cpuset = "", .io = w.io };
	w.plan.name = "web";
	w.l = (struct launch){ .plan = &w.plan, .sys = &w.sys, .cgroup = -1, .cgroup_base = -1, .pidfd = -1,
			       .value = w.value };
	return &w;
}

static struct cgroupfs_node *file(struct world *w, const char *path)
{
	char full[192];

	snprintf(full, sizeof(full), "/sys/fs/cgroup%s", path);
	return cgroupfs_find(&w->fs, full);
}

static const char *leaf(struct world *w, const char *name)
{
	return cgroupfs_text(&w->fs, LEAF, name);
}

static void open_leaf(struct world *w)
{
	w->plan.n_limits = 0;
	assert_int_equal(control_memory.prepare(&w->policy, &w->plan, &w->arena, &w->e), 0);
	if (cgroup_open(&w->l, &w->e) < 0)
		fail_msg("%s", w->e.msg);
}

static int apply(struct world *w)
{
	open_leaf(w);
	return limits_apply(&w->l, &w->e);
}

static void applies(struct world *w)
{
	if (apply(w) < 0 || limits_verify(&w->l, &w->e) < 0)
		fail_msg("%s: %s", w->e.path, w->e.msg);
}

/* --- texts --- */

static void the_defaults_as_the_kernel_prints_them(void **s)
{
	struct world *w = world();

	(void)s;
	applies(w);
	assert_string_equal(leaf(w, "memory.max"), "67108864");
	assert_string_equal(leaf(w, "memory.high"), "max");
	assert_string_equal(leaf(w, "memory.swap.max"), "0");
	assert_string_equal(leaf(w, "memory.oom.group"), "1");
	assert_string_equal(leaf(w, "cpu.max"), "50000 100000");
	assert_string_equal(leaf(w, "cpu.weight"), "100");
	assert_string_equal(leaf(w, "pids.max"), "32");
	assert_string_equal(w->value[CONTROL_memory], "67108864");
	assert_string_equal(w->value[CONTROL_cpus], "50000 100000");
	assert_string_equal(w->value[CONTROL_pids], "32");
}

static void sizes_are_rounded_down_to_pages(void **s)
{
	struct world *w = world();

	(void)s;
	w->policy.limits.memory = (64 << 20) + 4095;
	w->policy.limits.memory_high = 8193;
	w->policy.limits.swap = UINT64_MAX / 2;
	applies(w);
	assert_string_equal(leaf(w, "memory.max"), "67108864");
	assert_string_equal(leaf(w, "memory.high"), "8192");
	assert_string_equal(leaf(w, "memory.swap.max"), "max");
}

static void cpu_time_is_rounded_down_to_microseconds(void **s)
{
	struct world *w = world();

	(void)s;
	w->policy.limits.cpus = 1234567;
	w->policy.limits.oom_group = false;
	applies(w);
	assert_string_equal(leaf(w, "cpu.max"), "123456 100000");
	assert_string_equal(leaf(w, "memory.oom.group"), "0");
}

static void a_waived_limit_is_not_written(void **s)
{
	struct world *w = world();

	(void)s;
	w->plan.without = CONTROL_BIT(CONTROL_memory) | CONTROL_BIT(CONTROL_pids);
	applies(w);
	assert_null(file(w, LEAF "/memory.max"));
	assert_string_equal(cgroupfs_text(&w->fs, "/casemate", "cgroup.subtree_control"), "cpu");
	assert_string_equal(leaf(w, "cpu.max"), "50000 100000");
}

/* --- swap --- */

static void a_kernel_that_cannot_swap_needs_no_limit(void **s)
{
	struct world *w = world();

	(void)s;
	open_leaf(w);
	file(w, LEAF "/memory.swap.max")->path[0] = '\0';
	cgroupfs_find(&w->fs, "/proc/swaps")->path[0] = '\0';
	assert_int_equal(limits_apply(&w->l, &w->e), 0);
	assert_int_equal(limits_verify(&w->l, &w->e), 0);
}

static void a_kernel_that_swaps_uncounted_is_refused(void **s)
{
	struct world *w = world();

	(void)s;
	open_leaf(w);
	file(w, LEAF "/memory.swap.max")->path[0] = '\0';
	assert_int_equal(limits_apply(&w->l, &w->e), -1);
	assert_int_equal(w->e.kind, ERR_HOST);
	assert_string_equal(w->e.path, "/limits/swap");
	assert_non_null(strstr(w->e.hint, "--without limits.memory"));
	assert_int_equal(limits_verify(&w->l, &w->e), -1);
}

static void only_swap_may_be_missing(void **s)
{
	struct world *w = world();

	(void)s;
	open_leaf(w);
	cgroupfs_find(&w->fs, "/proc/swaps")->path[0] = '\0';
	file(w, LEAF "/memory.oom.group")->path[0] = '\0';
	assert_int_equal(limits_apply(&w->l, &w->e), -1);
	assert_string_equal(w->e.path, "/limits/oom_group");
}

/* --- reading back --- */

static void any_other_value_is_an_error(void **s)
{
	static const struct { const char *file, *text, *path; } cases[] = {
		{ "memory.max", "67108865", "/limits/memory" }, { "memory.max", "max", "/limits/memory" },
		{ "memory.max", "6710886", "/limits/memory" }, { "memory.high", "8192", "/limits/memory_high" },
		{ "memory.swap.max", "max", "/limits/swap" }, { "memory.oom.group", "0", "/limits/oom_group" },
		{ "cpu.max", "max 100000", "/limits/cpus" }, { "cpu.max", "50000 10000", "/limits/cpus" },
		{ "cpu.weight", "1000", "/limits/cpu_weight" }, { "pids.max", "33", "/limits/pids" },
	};

	(void)s;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct world *w = world();
		char path[64];

		applies(w);
		snprintf(path, sizeof(path), LEAF "/%s", cases[i].file);
		snprintf(file(w, path)->text, 512, "%s", cases[i].text);
		assert_int_equal(limits_verify(&w->l, &w->e), -1);
		assert_int_equal(w->e.kind, ERR_LAUNCH);
		assert_string_equal(w->e.path, cases[i].path);
	}
}

static void a_tighter_cgroup_above_is_reported(void **s)
{
	struct world *w = world();

	(void)s;
	applies(w);
	snprintf(file(w, "/casemate/memory.max")->text, 512, "33554432");
	snprintf(file(w, "/casemate/cpu.max")->text, 512, "20000 50000");
	snprintf(file(w, "/casemate/pids.max")->text, 512, "32");
	assert_int_equal(limits_verify(&w->l, &w->e), 0);
	assert_string_equal(w->value[CONTROL_memory], "67108864; effective 33554432, by /casemate/");
	assert_string_equal(w->value[CONTROL_cpus], "50000 100000; effective 20000 50000, by /casemate/");
	assert_string_equal(w->value[CONTROL_pids], "32");
}

/* --- from outside, by the process' own cgroup --- */

static int outside(struct world *w, const struct control *c, const char *where)
{
	struct sys k = cgroupfs_gate(&w->fs);
	char value[VALUE_MAX] = "";
	int r;

	cgroupfs_join(&w->fs, 300, where);
	w->fs.self = 300;
	w->t = (struct target){ .sys = &w->sys, .proc = sys_open(&k, -1, "/proc/self", 0) };
	assert_true(w->t.proc >= 0);
	r = c->verify(&w->plan, &w->t, value, &w->e);
	memcpy(w->value[0], value, sizeof(value));
	return r;
}

static void a_process_is_judged_by_the_cgroup_it_is_in(void **s)
{
	struct world *w = world();

	(void)s;
	applies(w);
	assert_int_equal(outside(w, &control_memory, LEAF), 0);
	assert_string_equal(w->value[0], "67108864");
	assert_int_equal(outside(w, &control_cpuset, LEAF), 0);
	assert_string_equal(w->value[0], "not asked for");
	assert_int_equal(outside(w, &control_memory, "/system.slice/sshd.service"), -1);
	assert_int_equal(outside(w, &control_pids, ""), -1);
}

static void the_launch_knows_where_its_child_must_be(void **s)
{
	struct world *w = world();

	(void)s;
	applies(w);
	cgroupfs_mkdir(&w->fs, "/casemate/db");
	snprintf(file(w, "/casemate/db/pids.max")->text, 512, "32");
	assert_int_equal(outside(w, &control_pids, "/casemate/db"), 0);
	w->t.launch = &w->l;
	assert_int_equal(control_pids.verify(&w->plan, &w->t, w->value[0], &w->e), -1);
	assert_non_null(strstr(w->e.msg, "/casemate/db"));
}

/* --- CPUs --- */

static void cpu_lists(void **s)
{
	static const char *const bad[] = { "-", "1-", "3-1", "a", "1,", ",1", "1,,2", "0-8192", " 1", "1 ", "+1", "1--2", "999999" };
	struct cpus c;

	(void)s;
	assert_int_equal(cpus_parse("0-3,7,64", &c), 0);
	assert_int_equal(c.bits[0], 0x8f);
	assert_int_equal(c.bits[1], 1);
	assert_int_equal(cpus_parse("", &c), 0);
	assert_int_equal(c.bits[0], 0);
	assert_int_equal(cpus_parse("8191", &c), 0);
	for (size_t i = 0; i < COUNT(bad); i++)
		if (cpus_parse(bad[i], &c) == 0)
			fail_msg("'%s' passes for a list of CPUs", bad[i]);
}

static void cpus_that_can_be_had(void **s)
{
	struct world *w = world();

	(void)s;
	w->policy.limits.cpuset = "2,1";
	applies(w);
	assert_string_equal(w->value[CONTROL_cpuset], "1,2");
}

static void cpus_that_cannot_be_had_are_not_quietly_replaced(void **s)
{
	struct world *w = world();

	(void)s;
	w->policy.limits.cpuset = "5,6";
	assert_int_equal(apply(w), 0);
	assert_string_equal(leaf(w, "cpuset.cpus.effective"), "0-3");	/* as the kernel does it */
	assert_int_equal(limits_verify(&w->l, &w->e), -1);
	assert_string_equal(w->e.path, "/limits/cpuset");
}

/* --- disks --- */

static void disk(struct world *w, const char *path, unsigned mode, unsigned major, unsigned minor)
{
	struct cgroupfs_node *n = cgroupfs_add(&w->fs, path, "");

	n->mode = mode;
	n->major = major;
	n->minor = minor;
}

static void a_partition_stands_for_its_disk(void **s)
{
	struct world *w = world();

	(void)s;
	disk(w, "/srv", S_IFDIR | 0755, 8, 1);
	cgroupfs_add(&w->fs, "/sys/dev/block/8:1/partition", "1");
	cgroupfs_add(&w->fs, "/sys/dev/block/dev", "8:0");
	w->io[0] = (struct io_limit){ "/srv", 1048576, 0, 0, 50 };
	w->policy.limits.n_io = 1;
	applies(w);
	assert_string_equal(leaf(w, "io.max"), "8:0 rbps=1048576 wbps=max riops=max wiops=50");
	assert_string_equal(w->value[CONTROL_io], "8:0 rbps=1048576 wbps=max riops=max wiops=50");
	snprintf(file(w, LEAF "/io.max")->text, 512, "18:0 rbps=1048576 wbps=max riops=max wiops=50");
	assert_int_equal(limits_verify(&w->l, &w->e), -1);
	snprintf(file(w, LEAF "/io.max")->text, 512, "8:0 rbps=1048576 wbps=max riops=max wiops=500");
	assert_int_equal(limits_verify(&w->l, &w->e), -1);
}

static void two_disks_and_two_names_of_one(void **s)
{
	struct world *w = world();

	(void)s;
	disk(w, "/dev/sda", S_IFBLK | 0600, 8, 0);
	disk(w, "/dev/sdb", S_IFBLK | 0600, 8, 16);
	disk(w, "/srv", S_IFDIR | 0755, 8, 0);
	w->io[0] = (struct io_limit){ "/dev/sda", 0, 4096, 0, 0 };
	w->io[1] = (struct io_limit){ "/dev/sdb", 0, 0, 10, 0 };
	w->policy.limits.n_io = 2;
	applies(w);
	w->io[1].path = "/srv";
	w->plan.n_limits = 0;
	assert_int_equal(control_memory.prepare(&w->policy, &w->plan, &w->arena, &w->e), 0);
	assert_int_equal(limits_apply(&w->l, &w->e), 0);
	assert_int_equal(limits_verify(&w->l, &w->e), -1);	/* the second replaced the first */
	assert_string_equal(w->e.path, "/limits/io/0");
}

static void no_disk_no_limit(void **s)
{
	struct world *w = world();

	(void)s;
	disk(w, "/tmp", S_IFDIR | 01777, 0, 31);
	w->io[0] = (struct io_limit){ "/tmp", 4096, 0, 0, 0 };
	w->policy.limits.n_io = 1;
	assert_int_equal(apply(w), -1);
	assert_int_equal(w->e.kind, ERR_POLICY);
	assert_string_equal(w->e.path, "/limits/io/0/path");
	w = world();
	w->io[0].path = "/nowhere";
	w->policy.limits.n_io = 1;
	assert_int_equal(apply(w), -1);
	assert_int_equal(w->e.sys, ENOENT);
}

/* --- check and probe --- */

static void count(void *ctx, const struct finding *f)
{
	snprintf(ctx, 64, "%s%s", f->severity == SEV_ERROR ? "error " : "warning ", f->pointer);
}

static const char *finding(const struct control *c, const struct policy *p)
{
	static char text[64];
	const struct findings f = { count, text };

	text[0] = '\0';
	c->check(p, &f);
	return text;
}

static void policies_that_cannot_work(void **s)
{
	struct world *w = world();
	struct limits_policy good = w->policy.limits, *l = &w->policy.limits;

	(void)s;
	assert_string_equal(finding(&control_memory, &w->policy), "");
	assert_string_equal(finding(&control_pids, &w->policy), "");
	l->memory = (4 << 20) - 1;
	assert_string_equal(finding(&control_memory, &w->policy), "error /limits/memory");
	*l = good;
	l->swap = 1;
	assert_string_equal(finding(&control_memory, &w->policy), "warning /limits/swap");
	*l = good;
	l->memory_high = l->memory;
	assert_string_equal(finding(&control_memory, &w->policy), "warning /limits/memory_high");
	l->pids = 1;
	assert_string_equal(finding(&control_pids, &w->policy), "error /limits/pids");
	w->policy.init = false;
	assert_string_equal(finding(&control_pids, &w->policy), "");
	w->io[0].path = "/";
	l->n_io = 1;
	assert_string_equal(finding(&control_io, &w->policy), "error /limits/io/0");
	w->io[0].wiops = 1;
	assert_string_equal(finding(&control_io, &w->policy), "");
}

static void doctor_says_where_or_why_not(void **s)
{
	struct world *w = world();
	struct ability a = { 0 };

	(void)s;
	if (geteuid() != 0)
		file(w, "/system.slice/sshd.service/cgroup.subtree_control")->read_only = true;
	control_memory.probe(&w->sys, &a);
	assert_int_equal(a.usable, geteuid() == 0);
	assert_non_null(strstr(geteuid() == 0 ? a.detail : a.hint, geteuid() == 0 ? "below /casemate, as root" : "systemd-run --user"));

	cgroupfs_reset(&w->fs, "", "");
	cgroupfs_add(&w->fs, "/proc/cgroups", "memory\t4\t1\t1");
	a = (struct ability){ 0 };
	control_memory.probe(&w->sys, &a);
	assert_false(a.usable);
	assert_string_equal(a.detail, "in use by cgroup v1");
	assert_non_null(strstr(a.hint, "--without limits.memory"));
	assert_int_equal(cgroupfs_open_fds(&w->fs), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_defaults_as_the_kernel_prints_them),
		cmocka_unit_test(sizes_are_rounded_down_to_pages),
		cmocka_unit_test(cpu_time_is_rounded_down_to_microseconds),
		cmocka_unit_test(a_waived_limit_is_not_written),
		cmocka_unit_test(a_kernel_that_cannot_swap_needs_no_limit),
		cmocka_unit_test(a_kernel_that_swaps_uncounted_is_refused),
		cmocka_unit_test(only_swap_may_be_missing),
		cmocka_unit_test(any_other_value_is_an_error),
		cmocka_unit_test(a_tighter_cgroup_above_is_reported),
		cmocka_unit_test(a_process_is_judged_by_the_cgroup_it_is_in),
		cmocka_unit_test(the_launch_knows_where_its_child_must_be),
		cmocka_unit_test(cpu_lists),
		cmocka_unit_test(cpus_that_can_be_had),
		cmocka_unit_test(cpus_that_cannot_be_had_are_not_quietly_replaced),
		cmocka_unit_test(a_partition_stands_for_its_disk),
		cmocka_unit_test(two_disks_and_two_names_of_one),
		cmocka_unit_test(no_disk_no_limit),
		cmocka_unit_test(policies_that_cannot_work),
		cmocka_unit_test(doctor_says_where_or_why_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
