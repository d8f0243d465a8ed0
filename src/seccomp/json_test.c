/* A profile written as JSON and read again is the same filter, call by call and argument by argument. */
#include "json.h"
#include "../base/cleanup.h"
#include "calls.h"
#include "emulate.h"
#include "reader.h"

#include <linux/capability.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/syscall.h>
#include <cmocka.h>

enum { ARENA = 16 * 1024 * 1024 };

#define KERNEL_NOW KERNEL(6, 1)

static void compile(const struct filter_profile *p, const struct filter_wish *w, struct arena *a, struct sock_fprog *f)
{
	struct err e = { .kind = ERR_NONE };

	assert_int_equal(filter_compile(p, w, a, f, &e), 0);
}

static void read_back(const struct filter_profile *p, const struct filter_wish *w, struct arena *a, struct filter_profile *ret)
{
	struct err e = { .kind = ERR_NONE };
	json_auto_t *json = filter_json(p, w, &e);
	_auto(free_mem) char *text = json ? json_dumps(json, 0) : NULL;

	assert_non_null(text);
	assert_int_equal(filter_parse(text, strlen(text), a, ret, &e), 0);
}

/* Every call with a name, with every argument at every value that a rule of some profile asks for. */
static void assert_same(const struct sock_fprog *a, const struct sock_fprog *b, unsigned newest)
{
	static const uint64_t values[] = { 0, 1, 8, 16, 38, 39, 40, 41, 0x40, 0x400000, 0x800, 0xc00, 0x10000000, 0x7e020000,
					   0xffffffff, 21522, UINT64_MAX };

	for (unsigned nr = 0; nr <= newest; nr++)
		for (size_t v = 0; call_known(nr) && v < COUNT(values); v++)
			for (unsigned i = 0; i < 6; i++) {
				struct seccomp_data d = { .nr = (int)nr, .arch = CALL_ARCH };

				d.args[i] = values[v];
				assert_int_equal(filter_emulate(a, &d, NULL), filter_emulate(b, &d, NULL));
			}
}

static void same(void **state)
{
	static const uint64_t caps[] = { 0, UINT64_C(1) << CAP_SYS_ADMIN, UINT64_C(1) << CAP_SYS_PTRACE | UINT64_C(1) << CAP_NET_RAW,
					 UINT64_MAX };

	(void)state;
	for (size_t i = 0; i < COUNT(caps); i++)
		for (unsigned deny = DENY_ERRNO; deny <= DENY_LOG; deny++) {
			_auto(arena_free) struct arena a = { 0 };
			const struct filter_wish w = { .caps = caps[i], .kernel = KERNEL_NOW, .deny = deny }, plain = { .kernel = KERNEL_NOW };
			struct filter_profile again;
			struct sock_fprog one, two;

			assert_int_equal(arena_init(&a, ARENA), 0);
			read_back(&filter_default, &w, &a, &again);
			compile(&filter_default, &w, &a, &one);
			compile(&again, &plain, &a, &two);
			assert_same(&one, &two, again.newest);
		}
}

/* exec_once cannot be said; what can is execve itself, even where the profile denies it, and never execveat. */
static void once(void **state)
{
	static const char text[] = "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":38,\"syscalls\":["
				   "{\"names\":[\"read\",\"execveat\"],\"action\":\"SCMP_ACT_ALLOW\"}]}";
	const struct filter_once unknown = { 0 };
	const struct filter_wish w = { .kernel = KERNEL_NOW, .once = &unknown };
	struct filter_profile p;
	struct err e = { .kind = ERR_NONE };
	_auto(arena_free) struct arena a = { 0 };
	_auto(json_free) json_t *json = NULL;
	_auto(free_mem) char *got = NULL;

	(void)state;
	assert_int_equal(arena_init(&a, ARENA), 0);
	assert_int_equal(filter_parse(text, strlen(text), &a, &p, &e), 0);
	json = filter_json(&p, &w, &e);
	assert_non_null(json);
	assert_int_equal(json_object_del(json, "architectures"), 0);
	got = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);
	assert_string_equal(got, "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":38,\"syscalls\":["
				 "{\"action\":\"SCMP_ACT_ALLOW\",\"names\":[\"read\",\"execve\"]}]}");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(same), cmocka_unit_test(once) };

	return cmocka_run_group_tests_name("seccomp json", tests, NULL, NULL);
}
