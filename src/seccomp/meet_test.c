/* Two profiles together: what comes out lets through nothing that either refuses, and is within both. */
#include "meet.h"
#include "calls.h"
#include "emulate.h"

#include "../base/cleanup.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/syscall.h>

#include <cmocka.h>

#define ERRNO "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":["
#define ALLOW(names, args) "{\"names\":[" names "],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[" args "]}"
#define ARG(i, op, v) "{\"index\":" #i ",\"op\":\"SCMP_CMP_" op "\",\"value\":" #v "}"
#define MASK(i, m, v) "{\"index\":" #i ",\"op\":\"SCMP_CMP_MASKED_EQ\",\"value\":" #m ",\"valueTwo\":" #v "}"

static const char *const texts[] = {
	ERRNO "]}",
	ERRNO ALLOW("\"read\",\"write\",\"socket\",\"clone\"", "") "]}",
	ERRNO ALLOW("\"read\"", "") "," ALLOW("\"socket\"", ARG(0, "LT", 38)) "," ALLOW("\"socket\"", ARG(0, "EQ", 39)) ","
		ALLOW("\"socket\"", ARG(0, "GT", 40)) "," ALLOW("\"clone\"", MASK(0, 2114060288, 0)) "]}",
	ERRNO ALLOW("\"socket\"", ARG(0, "LE", 10) "," ARG(1, "EQ", 1)) "," ALLOW("\"clone\"", MASK(0, 255, 17)) ","
		ALLOW("\"write\"", ARG(0, "NE", 3)) "," ALLOW("\"read\"", ARG(0, "GE", 3)) "]}",
	ERRNO ALLOW("\"write\"", ARG(0, "NE", 4)) "," ALLOW("\"read\"", ARG(0, "LE", 7)) "," ALLOW("\"socket\"", ARG(0, "EQ", 2)) "]}",
	"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":5},"
		"{\"names\":[\"socket\"],\"action\":\"SCMP_ACT_ERRNO\",\"args\":[" ARG(0, "EQ", 38) "]}]}",
	"{\"defaultAction\":\"SCMP_ACT_KILL_PROCESS\",\"syscalls\":[" ALLOW("\"read\",\"clone3\"", "") "]}",
	ERRNO ALLOW("\"read\"", "") ",{\"names\":[\"clone3\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":38}]}",
};
enum { TEXTS = COUNT(texts) };

struct fixture { struct arena a; struct filter_profile p[TEXTS + 1]; };

static void read_all(struct fixture *f)
{
	struct err e = { 0 };

	assert_int_equal(arena_init(&f->a, 512 << 20), 0);
	for (size_t i = 0; i < TEXTS; i++)
		if (filter_parse(texts[i], strlen(texts[i]), &f->a, &f->p[i], &e) < 0)
			fail_msg("%zu: %s: %s", i, e.path, e.msg);
	f->p[TEXTS] = filter_default;
}

static const struct filter_wish plain = { .kernel = KERNEL(6, 1) };

/* The calls that the texts speak of and some of the shipped profile's, with values that are near to what some rule compares with. */
static void compare(const struct filter_side *a, const struct filter_side *b, const struct filter_side *both)
{
	static const int calls[] = { SYS_read, SYS_write, SYS_socket, SYS_clone, SYS_clone3, SYS_ioctl, SYS_personality, SYS_execve, SYS_mount, SYS_prctl };
	static const uint64_t values[] = { 0, 1, 2, 3, 4, 5, 7, 8, 10, 11, 17, 37, 38, 39, 40, 41, 255, 0x7e020000, 0x20000, 1ULL << 32, UINT64_MAX };

	for (size_t n = 0; n < COUNT(calls); n++)
		for (size_t i = 0; i < COUNT(values); i++)
			for (size_t k = 0; k < 4; k++) {
				const struct seccomp_data d = { .nr = calls[n], .arch = CALL_ARCH, .args = { values[i], k } };
				const bool in_a = filter_permits(filter_meaning(a->profile, a->wish, &d));
				const bool in_b = filter_permits(filter_meaning(b->profile, b->wish, &d));

				if (filter_permits(filter_meaning(both->profile, both->wish, &d)) && !(in_a && in_b))
					fail_msg("call %d with %llu lets through what one refuses", calls[n], (unsigned long long)values[i]);
			}
}

static void meeting(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	(void)state;
	read_all(f);
	for (size_t i = 0; i <= TEXTS; i++)
		for (size_t k = 0; k <= TEXTS; k++) {
			const struct filter_side a = { &f->p[i], &plain }, b = { &f->p[k], &plain };
			struct filter_profile made;
			const struct filter_side both = { &made, &plain };
			struct err e = { 0 };
			unsigned nr;

			assert_int_equal(filter_meet(&a, &b, &f->a, &made, &e), 0);
			compare(&a, &b, &both);
			assert_int_equal(filter_within(&both, &a, &nr, &e), 1);
			assert_int_equal(filter_within(&both, &b, &nr, &e), 1);
			/* Nothing is lost, but what has no name yet. */
			if (i == k && filter_within(&a, &both, &nr, &e) != (f->p[i].default_action != SECCOMP_RET_ALLOW))
				fail_msg("%zu with itself loses call %u", i, nr);
		}
	arena_free(&f->a);
	free(f);
}

static void within(void **state)
{
	static const struct { size_t a, b; int want; unsigned nr; } cases[] = {
		{ 0, 1, 1, 0 }, { 2, 1, 1, 0 }, { 1, 2, 0, 1 }, { 3, 1, 1, 0 }, { 3, 2, 0, SYS_write }, { 1, 5, 0, SYS_read },
		{ 5, 1, 0, 1 }, { 4, 3, 0, 1 }, { 0, 6, 1, 0 }, { 1, TEXTS, 0, SYS_socket }, { 2, TEXTS, 0, SYS_socket },
	};
	struct fixture *f = calloc(1, sizeof(*f));

	(void)state;
	read_all(f);
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct filter_side a = { &f->p[cases[i].a], &plain }, b = { &f->p[cases[i].b], &plain };
		struct err e = { 0 };
		unsigned nr;
		int r = filter_within(&a, &b, &nr, &e);

		if (r != cases[i].want)
			fail_msg("%zu within %zu: %d (%s), call %u", cases[i].a, cases[i].b, r, e.msg, nr);
		if (!r && cases[i].nr > 1)
			assert_int_equal(nr, cases[i].nr);
	}
	arena_free(&f->a);
	free(f);
}

/* ENOSYS for clone3 is what makes a C library try clone: it must outlive a default of another kind. */
static void answers(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	const struct filter_side a = { &f->p[6], &plain }, b = { &f->p[7], &plain };
	const struct seccomp_data clone3 = { .nr = SYS_clone3, .arch = CALL_ARCH }, kexec = { .nr = SYS_kexec_load, .arch = CALL_ARCH };
	struct filter_profile made;
	struct err e = { 0 };

	(void)state;
	read_all(f);
	assert_int_equal(filter_meet(&a, &b, &f->a, &made, &e), 0);
	assert_int_equal(filter_meaning(&made, &plain, &clone3), SECCOMP_RET_ERRNO | ENOSYS);
	assert_int_equal(filter_meaning(&made, &plain, &kexec), SECCOMP_RET_KILL_PROCESS);
	arena_free(&f->a);
	free(f);
}

/* Docker's "any domain below 38" and a list of domains have the list in common. */
static void domains(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	const struct filter_side a = { &f->p[2], &plain }, b = { &filter_default, &plain };
	struct seccomp_data d = { .nr = SYS_socket, .arch = CALL_ARCH, .args = { 2, 1, 6 } };
	struct filter_profile made;
	struct err e = { 0 };

	(void)state;
	read_all(f);
	assert_int_equal(filter_meet(&a, &b, &f->a, &made, &e), 0);
	assert_true(filter_permits(filter_meaning(&made, &plain, &d)));
	d.args[0] = 38;
	assert_false(filter_permits(filter_meaning(&made, &plain, &d)));
	d.args[0] = 2 | 1ULL << 40;	/* the price: nobody calls it so */
	assert_false(filter_permits(filter_meaning(&made, &plain, &d)));
	arena_free(&f->a);
	free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(meeting), cmocka_unit_test(within), cmocka_unit_test(answers),
					   cmocka_unit_test(domains) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
