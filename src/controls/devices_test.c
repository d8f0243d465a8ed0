/* The device program, run: what it lets through, for which plans it is there, and how its absence shows. */
#include "devices.h"
#include "../../tests/fake/cgroupfs.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* As much of eBPF as the program uses; anything else, and running off its end, fails the test. */
static uint64_t run(const struct bpf_insn *prog, size_t n, const struct bpf_cgroup_dev_ctx *ctx)
{
	uint64_t reg[11] = { 0 };

	for (size_t pc = 0; pc < n; pc++) {
		const struct bpf_insn *i = &prog[pc];
		uint64_t *d = &reg[i->dst_reg], imm = (uint64_t)(int64_t)i->imm;
		uint32_t word;

		switch (i->code) {
		case BPF_LDX | BPF_MEM | BPF_W:
			assert_int_equal(i->src_reg, 1);
			memcpy(&word, (const char *)ctx + i->off, sizeof(word));
			*d = word;
			break;
		case BPF_ALU64 | BPF_MOV | BPF_X: *d = reg[i->src_reg]; break;
		case BPF_ALU64 | BPF_MOV | BPF_K: *d = imm; break;
		case BPF_ALU64 | BPF_AND | BPF_K: *d &= imm; break;
		case BPF_ALU64 | BPF_RSH | BPF_K: *d >>= imm; break;
		case BPF_JMP | BPF_JEQ | BPF_K: pc += *d == imm ? (size_t)i->off : 0; break;
		case BPF_JMP | BPF_JNE | BPF_K: pc += *d != imm ? (size_t)i->off : 0; break;
		case BPF_JMP | BPF_EXIT: return reg[0];
		default: fail_msg("instruction %zu: code %#x", pc, i->code);
		}
	}
	fail_msg("the program has no end");
	return 0;
}

enum { MKNOD = BPF_DEVCG_ACC_MKNOD, R = BPF_DEVCG_ACC_READ, W = BPF_DEVCG_ACC_WRITE,
       BLOCK = BPF_DEVCG_DEV_BLOCK, CHAR = BPF_DEVCG_DEV_CHAR };

struct world {
	struct cgroupfs fs;
	struct sys sys;
	struct device_policy devices[2];
	struct plan_mount mount;
	struct plan plan;
	struct launch l;
	struct target t;
	struct err e;
};

static struct world *world(void)
{
	static struct world w;
	struct cgroupfs_node *n;

	memset(&w, 0, sizeof(w));
	cgroupfs_reset(&w.fs, "cpu memory pids", "/casemate/web");
	w.sys = cgroupfs_gate(&w.fs);
	w.plan = (struct plan){ .name = "web", .own_userns = true, .devices = w.devices, .mounts = &w.mount,
				.landlock_fs = 1 };
	w.l = (struct launch){ .plan = &w.plan, .sys = &w.sys };
	w.l.cgroup = sys_open(&w.sys, -1, "/sys/fs/cgroup/casemate/web", 0);
	w.t = (struct target){ .sys = &w.sys, .proc = sys_open(&w.sys, -1, "/proc/self", 0) };
	assert_true(w.l.cgroup >= 0 && w.t.proc >= 0);
	n = cgroupfs_add(&w.fs, "/dev/fuse", "");
	n->mode = S_IFCHR | 0666;
	n->major = 10;
	n->minor = 229;
	n = cgroupfs_add(&w.fs, "/dev/sda", "");
	n->mode = S_IFBLK | 0660;
	n->major = 8;
	return &w;
}

static bool allows(struct world *w, unsigned type, unsigned major, unsigned minor, unsigned access)
{
	const struct bpf_cgroup_dev_ctx ctx = { .access_type = access << 16 | type, .major = major, .minor = minor };

	assert_true(w->fs.n_progs > 0);
	return run(w->fs.prog[0].insn, w->fs.prog[0].n, &ctx) == 1;
}

static void applies(struct world *w)
{
	if (devices_apply(&w->l, &w->e) < 0)
		fail_msg("%s: %s", w->e.path, w->e.msg);
}

static int verify(struct world *w, char value[VALUE_MAX])
{
	return control_devices.verify(&w->plan, &w->t, value, &w->e);
}

/* --- when --- */

static void the_default_policy_needs_no_program(void **s)
{
	struct world *w = world();
	char value[VALUE_MAX];

	(void)s;
	w->mount = (struct plan_mount){ .kind = PLAN_BIND, .attrs = MOUNT_ATTR_NODEV };
	w->plan.n_mounts = 1;
	w->l.cgroup = -1;
	applies(w);
	assert_int_equal(w->fs.n_progs, 0);
	assert_int_equal(verify(w, value), 0);
	assert_string_equal(value, "/dev only; mknod impossible: user namespace, nodev");
}

static void what_dev_alone_cannot_do_needs_one(void **s)
{
	static const struct { bool userns, dev, read, write, landlock; unsigned programs; } cases[] = {
		{ true, false, true, true, true, 0 },	/* a device to be used both ways: /dev is enough */
		{ true, false, true, false, true, 0 },	/* Landlock refuses writing */
		{ true, false, true, false, false, 1 },
		{ true, false, false, true, true, 1 },	/* nothing refuses reading */
		{ true, true, true, true, true, 1 },
		{ false, false, true, true, true, 1 },
	};

	(void)s;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct world *w = world();

		w->plan.own_userns = cases[i].userns;
		w->plan.landlock_fs = cases[i].landlock;
		w->mount = (struct plan_mount){ .kind = PLAN_BIND, .attrs = cases[i].dev ? 0 : MOUNT_ATTR_NODEV };
		w->devices[0] = (struct device_policy){ "/dev/fuse", cases[i].read, cases[i].write };
		w->plan.n_mounts = w->plan.n_devices = 1;
		applies(w);
		if (w->fs.n_progs != cases[i].programs)
			fail_msg("case %zu: %zu programs", i, w->fs.n_progs);
	}
}

static void a_waived_landlock_does_not_count(void **s)
{
	struct world *w = world();

	(void)s;
	w->plan.without = CONTROL_BIT(CONTROL_landlock);
	w->devices[0] = (struct device_policy){ "/dev/fuse", true, false };
	w->plan.n_devices = 1;
	applies(w);
	assert_int_equal(w->fs.n_progs, 1);
}

static void without_a_cgroup_it_says_so(void **s)
{
	struct world *w = world();

	(void)s;
	w->plan.own_userns = false;
	w->l.cgroup = -1;
	assert_int_equal(devices_apply(&w->l, &w->e), -1);
	assert_int_equal(w->e.kind, ERR_HOST);
	assert_non_null(strstr(w->e.hint, "--without devices"));
}

/* --- what --- */

static void the_minimal_set_and_nothing_else(void **s)
{
	struct world *w = world();

	(void)s;
	w->plan.own_userns = false;
	applies(w);
	for (unsigned major = 0; major < 300; major++)
		for (unsigned minor = 0; minor < 300; minor++) {
			bool want = (major == 1 && (minor == 3 || minor == 5 || (minor >= 7 && minor <= 9))) ||
				    (major == 5 && (minor == 0 || minor == 2)) || major == 136;

			if (allows(w, CHAR, major, minor, R | W) != want)
				fail_msg("%u:%u is %s", major, minor, want ? "refused" : "allowed");
			if (allows(w, CHAR, major, minor, MKNOD) || allows(w, CHAR, major, minor, MKNOD | R) ||
			    allows(w, BLOCK, major, minor, R) || allows(w, 0, major, minor, R))
				fail_msg("%u:%u is allowed", major, minor);
		}
}

static void devices_of_the_policy_as_far_as_it_says(void **s)
{
	struct world *w = world();

	(void)s;
	w->plan.own_userns = false;
	w->devices[0] = (struct device_policy){ "/dev/fuse", true, false };
	w->devices[1] = (struct device_policy){ "/dev/sda", false, true };
	w->plan.n_devices = 2;
	applies(w);
	assert_true(allows(w, CHAR, 10, 229, R));
	assert_false(allows(w, CHAR, 10, 229, W));
	assert_false(allows(w, CHAR, 10, 229, R | W));
	assert_false(allows(w, CHAR, 10, 228, R));
	assert_true(allows(w, BLOCK, 8, 0, W));
	assert_false(allows(w, BLOCK, 8, 0, R));
	assert_false(allows(w, BLOCK, 8, 0, W | MKNOD));
	assert_false(allows(w, CHAR, 8, 0, W));
}

static void the_longest_allowlist_fits(void **s)
{
	static struct device_rule rules[DEVICE_RULES_MAX];
	static struct bpf_insn prog[DEVICE_INSNS_MAX];
	struct bpf_cgroup_dev_ctx ctx = { .access_type = R << 16 | CHAR, .major = 7 };
	size_t n;

	(void)s;
	for (unsigned i = 0; i < DEVICE_RULES_MAX; i++)
		rules[i] = (struct device_rule){ true, CHAR, 7, (int)i, R };
	n = devices_assemble(rules, DEVICE_RULES_MAX, prog);
	assert_true(n <= DEVICE_INSNS_MAX && n <= 4096);
	ctx.minor = DEVICE_RULES_MAX - 1;
	assert_int_equal(run(prog, n, &ctx), 1);
	ctx.minor = DEVICE_RULES_MAX;
	assert_int_equal(run(prog, n, &ctx), 0);
}

/* --- rules in an order: config.json --- */

enum { RWM = R | W | MKNOD };

static bool lets(const struct device_rule *rules, size_t n, unsigned type, unsigned major, unsigned minor, unsigned access)
{
	static struct bpf_insn prog[DEVICE_INSNS_MAX];
	const struct bpf_cgroup_dev_ctx ctx = { .access_type = access << 16 | type, .major = major, .minor = minor };

	return run(prog, devices_assemble(rules, n, prog), &ctx) == 1;
}

static void the_last_rule_decides(void **s)
{
	static const struct device_rule rules[] = {
		{ false, 0, -1, -1, RWM },
		{ true, CHAR, 1, -1, RWM }, { false, CHAR, 1, 3, W },	/* the whole major, but for writing one */
		{ false, BLOCK, 8, -1, RWM }, { true, BLOCK, 8, 1, R },
		{ true, 0, 10, 200, R | W }, { true, CHAR, -1, 42, MKNOD },
	};
	static const struct { unsigned type, major, minor, access; bool want; } cases[] = {
		{ CHAR, 1, 5, RWM, true }, { CHAR, 1, 3, R, true }, { CHAR, 1, 3, W, false }, { CHAR, 1, 3, R | W, false },
		{ CHAR, 1, 3, R | MKNOD, true }, { BLOCK, 1, 5, R, false }, { BLOCK, 8, 0, R, false }, { BLOCK, 8, 1, R, true },
		{ BLOCK, 8, 1, R | W, false }, { CHAR, 10, 200, R | W, true }, { BLOCK, 10, 200, W, true }, { CHAR, 10, 200, RWM, false },
		{ CHAR, 99, 42, MKNOD, true }, { CHAR, 99, 42, R, false }, { BLOCK, 99, 42, MKNOD, false }, { CHAR, 5, 5, R, false },
	};

	(void)s;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (lets(rules, COUNT(rules), cases[i].type, cases[i].major, cases[i].minor, cases[i].access) != cases[i].want)
			fail_msg("case %zu should be %s", i, cases[i].want ? "allowed" : "denied");
}

/* Rights that come from two rules add up, and the order within one access is what counts. */
static void rules_add_up(void **s)
{
	static const struct device_rule two[] = { { true, CHAR, 7, 1, R }, { true, CHAR, 7, -1, W } };
	static const struct device_rule turned[] = { { true, 0, -1, -1, RWM }, { false, CHAR, 7, 1, RWM }, { true, CHAR, 7, 1, R } };

	(void)s;
	assert_true(lets(two, 2, CHAR, 7, 1, R | W));
	assert_false(lets(two, 2, CHAR, 7, 2, R | W));
	assert_true(lets(turned, 3, CHAR, 7, 1, R));
	assert_false(lets(turned, 3, CHAR, 7, 1, W));
	assert_true(lets(turned, 3, BLOCK, 7, 1, RWM));
	assert_false(lets(NULL, 0, CHAR, 1, 3, R));
}

/* An oracle in words of the specification, over rules and requests by chance. */
static bool by_the_book(const struct device_rule *rules, size_t n, unsigned type, int major, int minor, unsigned access)
{
	for (unsigned bit = 1; bit <= MKNOD || bit <= W; bit <<= 1) {
		bool allow = false;

		if (!(access & bit))
			continue;
		for (size_t i = 0; i < n; i++)
			if ((!rules[i].type || rules[i].type == type) && (rules[i].major < 0 || rules[i].major == major) &&
			    (rules[i].minor < 0 || rules[i].minor == minor) && rules[i].access & bit)
				allow = rules[i].allow;
		if (!allow)
			return false;
	}
	return true;
}

static void any_list_does_what_the_book_says(void **s)
{
	unsigned seed = 1;

	(void)s;
	for (unsigned round = 0; round < 3000; round++) {
		struct device_rule rules[8];
		size_t n = (size_t)rand_r(&seed) % (COUNT(rules) + 1);

		for (size_t i = 0; i < n; i++)
			rules[i] = (struct device_rule){ rand_r(&seed) % 2, (unsigned)rand_r(&seed) % 3, rand_r(&seed) % 4 - 1,
							 rand_r(&seed) % 4 - 1, (unsigned)rand_r(&seed) % 7 + 1 };
		for (unsigned k = 0; k < 40; k++) {
			unsigned type = (unsigned)rand_r(&seed) % 2 + 1, access = (unsigned)rand_r(&seed) % 7 + 1;
			int major = rand_r(&seed) % 3, minor = rand_r(&seed) % 3;

			if (lets(rules, n, type, (unsigned)major, (unsigned)minor, access) !=
			    by_the_book(rules, n, type, major, minor, access))
				fail_msg("round %u, request %u", round, k);
		}
	}
}

static void nothing_denied_needs_no_program(void **s)
{
	static const struct device_rule all = { true, 0, -1, -1, RWM }, one = { false, CHAR, 1, 3, W };
	const struct device_rule privileged[] = { { false, 0, -1, -1, RWM }, all, { true, CHAR, 1, 3, R } }, not_quite[] = { all, one };
	struct world *w = world();
	char value[VALUE_MAX];

	(void)s;
	assert_true(devices_all_allowed(privileged, 3));
	assert_false(devices_all_allowed(not_quite, 2));
	assert_false(devices_all_allowed(&one, 0));
	w->plan.device_rules = privileged;
	w->plan.n_device_rules = 3;
	applies(w);
	assert_int_equal(w->fs.n_progs, 0);
	assert_int_equal(verify(w, value), 0);
	assert_string_equal(value, "ALL, as the configuration allows");
	w->plan.device_rules = not_quite;
	w->plan.n_device_rules = 2;
	applies(w);
	assert_int_equal(w->fs.n_progs, 1);
	assert_false(allows(w, CHAR, 1, 3, W));
	assert_true(allows(w, BLOCK, 8, 0, RWM));
}

static void rules_that_were_asked_for_need_a_cgroup(void **s)
{
	static const struct device_rule none = { false, 0, -1, -1, RWM };
	struct world *w = world();

	(void)s;
	w->plan.device_rules = &none;
	w->plan.n_device_rules = 1;
	w->l.cgroup = -1;
	assert_int_equal(devices_apply(&w->l, &w->e), 0);	/* the default of engines */
	w->plan.cgroup.wanted = true;
	assert_int_equal(devices_apply(&w->l, &w->e), -1);
	assert_string_equal(w->e.path, "/linux/resources/devices");
}

static void only_devices_can_be_allowed(void **s)
{
	struct world *w = world();

	(void)s;
	w->plan.own_userns = false;
	cgroupfs_add(&w->fs, "/dev/plain", "");
	w->devices[0] = (struct device_policy){ "/dev/fuse", true, true };
	w->devices[1] = (struct device_policy){ "/dev/plain", true, true };
	w->plan.n_devices = 2;
	assert_int_equal(devices_apply(&w->l, &w->e), -1);
	assert_string_equal(w->e.path, "/devices/1/path");
	assert_int_equal(w->fs.n_progs, 0);
}

/* --- reading back --- */

static void the_attached_program_is_recognised(void **s)
{
	struct world *w = world();
	char value[VALUE_MAX];

	(void)s;
	w->plan.own_userns = false;
	applies(w);
	assert_int_equal(verify(w, value), 0);
	assert_string_equal(value, "cgroup program attached (no user namespace of its own)");
}

static void a_missing_or_other_program_is_noticed(void **s)
{
	struct world *w = world();
	char value[VALUE_MAX];

	(void)s;
	w->plan.own_userns = false;
	assert_int_equal(verify(w, value), -1);		/* none */
	assert_int_equal(w->e.kind, ERR_LAUNCH);
	w->devices[0] = (struct device_policy){ "/dev/sda", true, true };
	w->plan.n_devices = 1;
	applies(w);
	w->plan.n_devices = 0;
	assert_int_equal(verify(w, value), -1);		/* a wider one */
	w->plan.n_devices = 1;
	assert_int_equal(verify(w, value), 0);
}

static void no_call_may_fail_or_lie(void **s)
{
	(void)s;
	for (int how = CGROUPFS_FAIL; how <= CGROUPFS_LIE; how++)
		for (unsigned n = 1; n < 20; n++) {
			struct world *w = world();
			char value[VALUE_MAX];
			int r;

			w->plan.own_userns = false;
			w->fs.how = (enum cgroupfs_mischief)how;
			w->fs.nth = n;
			r = devices_apply(&w->l, &w->e);
			if (r == 0)
				r = verify(w, value);
			if (r == 0 && (w->fs.n_progs == 0 || !w->fs.prog[0].cgroup[0]))
				fail_msg("call %u went wrong and nobody noticed", n);
			assert_int_equal(cgroupfs_open_fds(&w->fs), 2);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_default_policy_needs_no_program),
		cmocka_unit_test(what_dev_alone_cannot_do_needs_one),
		cmocka_unit_test(a_waived_landlock_does_not_count),
		cmocka_unit_test(without_a_cgroup_it_says_so),
		cmocka_unit_test(the_minimal_set_and_nothing_else),
		cmocka_unit_test(devices_of_the_policy_as_far_as_it_says),
		cmocka_unit_test(the_longest_allowlist_fits),
		cmocka_unit_test(the_last_rule_decides),
		cmocka_unit_test(rules_add_up),
		cmocka_unit_test(any_list_does_what_the_book_says),
		cmocka_unit_test(nothing_denied_needs_no_program),
		cmocka_unit_test(rules_that_were_asked_for_need_a_cgroup),
		cmocka_unit_test(only_devices_can_be_allowed),
		cmocka_unit_test(the_attached_program_is_recognised),
		cmocka_unit_test(a_missing_or_other_program_is_noticed),
		cmocka_unit_test(no_call_may_fail_or_lie),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
