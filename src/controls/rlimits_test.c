/* Resource limits against a kernel of sixteen pairs, and the text in which it shows them. */
#include "rlimits.h"

#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include <cmocka.h>

#define UNLIMITED UINT64_MAX

struct world {
	uint64_t now[16][2];
	bool may_raise, lies;
	size_t at;		/* in /proc/self/limits */
	struct sys sys;
	struct policy policy;
	struct plan plan;
	struct launch l;
	struct target t;
	struct arena arena;
	struct err e;
	char value[VALUE_MAX];
};

/* proc_pid_limits(5): three columns, the first 26 wide. */
static void print(const struct world *w, char *out, size_t size)
{
	static const char *const label[16] = { "cpu time", "file size", "data size", "stack size", "core file size",
		"resident set", "processes", "open files", "locked memory", "address space", "file locks", "pending signals",
		"msgqueue size", "nice priority", "realtime priority", "realtime timeout" };
	size_t n = (size_t)snprintf(out, size, "%-26s%-21s%-21s%-10s\n", "Limit", "Soft Limit", "Hard Limit", "Units");

	for (size_t i = 0; i < 16; i++) {
		char text[2][24];

		for (size_t k = 0; k < 2; k++)
			if (w->now[i][k] == UNLIMITED)
				snprintf(text[k], sizeof(text[k]), "unlimited");
			else
				snprintf(text[k], sizeof(text[k]), "%" PRIu64, w->now[i][k]);
		n += (size_t)snprintf(out + n, size - n, "Max %-22s%-21s%-21s%-10s\n", label[i], text[0], text[1], "units");
	}
}

static long prlimit_(struct world *w, unsigned long resource, const uint64_t *set, uint64_t *old)
{
	if (old)
		memcpy(old, w->now[resource], sizeof(w->now[0]));
	if (set && set[1] > w->now[resource][1] && !w->may_raise)
		return -EPERM;
	if (set && !w->lies)
		memcpy(w->now[resource], set, sizeof(w->now[0]));
	return 0;
}

static long call(void *ctx, long nr, const unsigned long a[6])
{
	struct world *w = ctx;
	char text[4096];
	size_t n;

	switch (nr) {
	case SYS_prlimit64: return prlimit_(w, a[1], (const uint64_t *)a[2], (uint64_t *)a[3]);
	case SYS_openat: w->at = 0; return 900;
	case SYS_close: return 0;
	case SYS_read:
		print(w, text, sizeof(text));
		n = strlen(text) - w->at;
		n = n < a[2] ? n : a[2];
		memcpy((char *)a[1], text + w->at, n);
		w->at += n;
		return (long)n;
	}
	return -ENOSYS;
}

static int setup(void **s)
{
	static struct world w;
	static const uint64_t debian[16][2] = {
		[RLIMIT_NOFILE] = { 1024, 524288 }, [RLIMIT_NPROC] = { 7000, 7000 }, [RLIMIT_CORE] = { 0, UNLIMITED },
		[RLIMIT_FSIZE] = { UNLIMITED, UNLIMITED }, [RLIMIT_MEMLOCK] = { 8 << 20, 8 << 20 },
		[RLIMIT_STACK] = { 8 << 20, UNLIMITED }, [RLIMIT_AS] = { UNLIMITED, UNLIMITED },
		[RLIMIT_CPU] = { UNLIMITED, UNLIMITED }, [RLIMIT_MSGQUEUE] = { 819200, 819200 },
		[RLIMIT_SIGPENDING] = { 7000, 7000 },
	};

	memset(&w, 0, sizeof(w));
	memcpy(w.now, debian, sizeof(debian));
	w.sys = (struct sys){ .call = call, .ctx = &w };
	w.policy.limits.rlimits = (struct rlimit_policy){ .nofile = 1024, .nproc = 4096, .core = 0, .fsize = UNLIMITED,
		.memlock = 65536, .stack = 8 << 20, .as = UNLIMITED, .cpu = UNLIMITED, .msgqueue = 819200,
		.sigpending = 1024, .rtprio = 0 };
	assert_int_equal(arena_init(&w.arena, 1 << 16), 0);
	assert_int_equal(control_rlimits.prepare(&w.policy, &w.plan, &w.arena, &w.e), 0);
	w.l = (struct launch){ .plan = &w.plan, .sys = &w.sys };
	w.t = (struct target){ .sys = &w.sys, .launch = &w.l, .inside = true };
	*s = &w;
	return 0;
}

static int teardown(void **s)
{
	arena_free(&((struct world *)*s)->arena);
	return 0;
}

/* Changes the plan's value of a resource. */
static void plan_both(struct world *w, int resource, uint64_t soft, uint64_t hard)
{
	for (size_t i = 0; i < w->plan.n_rlimits; i++)
		if (w->plan.rlimits[i].resource == resource) {
			struct plan_rlimit *limit = (struct plan_rlimit *)(uintptr_t)&w->plan.rlimits[i];

			limit->soft = soft;
			limit->hard = hard;
			return;
		}
	fail_msg("resource %d is not planned", resource);
}

static void plan_limit(struct world *w, int resource, uint64_t value)
{
	plan_both(w, resource, value, value);
}

static int verify(struct world *w)
{
	return control_rlimits.verify(&w->plan, &w->t, w->value, &w->e);
}

static void applies(struct world *w)
{
	if (rlimits_apply(&w->l, &w->e) < 0)
		fail_msg("%s", w->e.msg);
}

static void soft_and_hard_alike(void **s)
{
	struct world *w = *s;

	applies(w);
	assert_int_equal(w->now[RLIMIT_NOFILE][0], 1024);
	assert_int_equal(w->now[RLIMIT_NOFILE][1], 1024);
	assert_int_equal(w->now[RLIMIT_CORE][1], 0);
	assert_int_equal(w->now[RLIMIT_STACK][1], 8 << 20);
	assert_int_equal(verify(w), 0);
	assert_string_equal(w->value, "nofile 1024, nproc 4096, core 0, memlock 65536, stack 8388608, msgqueue 819200, "
				      "sigpending 1024, rtprio 0");
}

static void every_resource_has_its_own_row(void **s)
{
	struct world *w = *s;

	w->may_raise = true;
	for (size_t i = 0; i < w->plan.n_rlimits; i++)
		plan_limit(w, w->plan.rlimits[i].resource, 1000 + i);
	applies(w);
	for (size_t i = 0; i < w->plan.n_rlimits; i++)
		assert_int_equal(w->now[w->plan.rlimits[i].resource][0], 1000 + i);
	assert_int_equal(verify(w), 0);
	for (size_t i = 0; i < w->plan.n_rlimits; i++) {	/* and its own label in the text */
		char path[64];

		w->e = (struct err){ 0 };
		w->now[w->plan.rlimits[i].resource][1]++;
		assert_int_equal(verify(w), -1);
		snprintf(path, sizeof(path), "/limits/rlimits/%s", w->plan.rlimits[i].name);
		assert_string_equal(w->e.path, path);
		w->now[w->plan.rlimits[i].resource][1]--;
	}
}

static void unlimited_is_as_much_as_the_launcher_may(void **s)
{
	struct world *w = *s;

	plan_limit(w, RLIMIT_NOFILE, UNLIMITED);
	applies(w);
	assert_int_equal(w->now[RLIMIT_NOFILE][0], 524288);
	assert_int_equal(w->now[RLIMIT_NOFILE][1], 524288);
	assert_int_equal(verify(w), 0);
	w->may_raise = true;
	applies(w);
	assert_true(w->now[RLIMIT_NOFILE][0] == UNLIMITED && w->now[RLIMIT_NOFILE][1] == UNLIMITED);
	assert_int_equal(verify(w), 0);
}

static void soft_below_hard(void **s)
{
	struct world *w = *s;

	plan_both(w, RLIMIT_NOFILE, 100, 200);
	applies(w);
	assert_int_equal(w->now[RLIMIT_NOFILE][0], 100);
	assert_int_equal(w->now[RLIMIT_NOFILE][1], 200);
	assert_int_equal(verify(w), 0);
	w->now[RLIMIT_NOFILE][0] = 200;
	assert_int_equal(verify(w), -1);
	plan_both(w, RLIMIT_NOFILE, 100, UNLIMITED);
	w->now[RLIMIT_NOFILE][0] = w->now[RLIMIT_NOFILE][1] = 5000;
	applies(w);
	assert_int_equal(w->now[RLIMIT_NOFILE][0], 100);
	assert_int_equal(w->now[RLIMIT_NOFILE][1], 5000);
	assert_int_equal(verify(w), 0);
}

static void every_resource_of_the_kernel_has_a_name(void **s)
{
	const char *name;

	(void)s;
	assert_int_equal(rlimit_resource("NOFILE", &name), RLIMIT_NOFILE);
	assert_string_equal(name, "nofile");
	assert_int_equal(rlimit_resource("RTTIME", &name), RLIMIT_RTTIME);
	assert_int_equal(rlimit_resource("NOFILES", &name), -1);
}

static void more_than_the_launcher_has_is_an_error_of_the_host(void **s)
{
	struct world *w = *s;

	plan_limit(w, RLIMIT_MEMLOCK, 16 << 20);
	assert_int_equal(rlimits_apply(&w->l, &w->e), -1);
	assert_int_equal(w->e.kind, ERR_HOST);
	assert_string_equal(w->e.path, "/limits/rlimits/memlock");
	assert_true(w->e.hint[0]);
}

static void root_makes_room_before_the_child_loses_the_right(void **s)
{
	struct world *w = *s;

	plan_limit(w, RLIMIT_MEMLOCK, 16 << 20);
	plan_limit(w, RLIMIT_SIGPENDING, UNLIMITED);
	w->may_raise = true;
	assert_int_equal(rlimits_raise(&w->l, &w->e), 0);
	assert_int_equal(w->now[RLIMIT_MEMLOCK][0], 8 << 20);	/* our own soft limit stays */
	assert_int_equal(w->now[RLIMIT_NOFILE][1], 524288);	/* nothing is lowered */
	w->may_raise = false;
	applies(w);
	assert_int_equal(w->now[RLIMIT_MEMLOCK][0], 16 << 20);
	assert_true(w->now[RLIMIT_SIGPENDING][0] == UNLIMITED);
	assert_int_equal(verify(w), 0);
}

static void who_may_not_raise_learns_it_from_the_child(void **s)
{
	struct world *w = *s;

	plan_limit(w, RLIMIT_MEMLOCK, 16 << 20);
	assert_int_equal(rlimits_raise(&w->l, &w->e), 0);
	assert_int_equal(rlimits_apply(&w->l, &w->e), -1);
}

static void a_lie_is_noticed(void **s)
{
	struct world *w = *s;

	w->lies = true;
	applies(w);
	assert_int_equal(verify(w), -1);
	assert_string_equal(w->e.path, "/limits/rlimits/nofile");
}

static void a_running_workload_may_only_have_lowered_them(void **s)
{
	struct world *w = *s;

	applies(w);
	w->now[RLIMIT_NOFILE][0] = 512;
	assert_int_equal(verify(w), -1);	/* before exec: not what was asked */
	w->t.inside = false;
	assert_int_equal(verify(w), 0);
	w->now[RLIMIT_NOFILE][1] = 2048;
	assert_int_equal(verify(w), -1);
}

static void count(void *ctx, const struct finding *f)
{
	assert_int_equal(f->severity, SEV_WARNING);
	snprintf(ctx, 64, "%s", f->pointer);
}

static void weakenings_are_named(void **s)
{
	struct world *w = *s;
	char found[64] = "";
	const struct findings f = { count, found };

	control_rlimits.check(&w->policy, &f);
	assert_string_equal(found, "");
	w->policy.limits.rlimits.core = 1;
	control_rlimits.check(&w->policy, &f);
	assert_string_equal(found, "/limits/rlimits/core");
	w->policy.limits.rlimits.core = 0;
	w->policy.limits.rlimits.rtprio = 1;
	control_rlimits.check(&w->policy, &f);
	assert_string_equal(found, "/limits/rlimits/rtprio");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(soft_and_hard_alike),
		TEST(every_resource_has_its_own_row),
		TEST(soft_below_hard), TEST(every_resource_of_the_kernel_has_a_name),
		TEST(unlimited_is_as_much_as_the_launcher_may),
		TEST(more_than_the_launcher_has_is_an_error_of_the_host),
		TEST(root_makes_room_before_the_child_loses_the_right),
		TEST(who_may_not_raise_learns_it_from_the_child),
		TEST(a_lie_is_noticed),
		TEST(a_running_workload_may_only_have_lowered_them),
		TEST(weakenings_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
