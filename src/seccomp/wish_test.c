/* What a launch makes of a profile: what is refused, what is denied and how, and the one execve. */
#include "../base/cleanup.h"
#include "calls.h"
#include "compile.h"
#include "emulate.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/syscall.h>
#include <cmocka.h>

enum { ARENA = 16 * 1024 * 1024 };

#define PROFILE(rules) "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[" rules "]}"
#define RULE(name, args) "{\"names\":[\"" name "\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[" args "]}"
#define ARG(i, op, v) "{\"index\":" #i ",\"op\":\"SCMP_CMP_" #op "\",\"value\":" #v "}"

static void refusals(void **state)
{
	static const struct { const char *json; uint64_t caps; enum seccomp_deny deny; const char *path, *msg; } rows[] = {
		{ PROFILE("{\"names\":[\"ioctl\"],\"action\":\"SCMP_ACT_ALLOW\"},{\"names\":[\"ioctl\"],\"action\":\"SCMP_ACT_ERRNO\","
			  "\"errnoRet\":5,\"args\":[" ARG(1, EQ, 21522) "]}"), 0, DENY_ERRNO, "/syscalls/1", "another action" },
		/* the default action as an exception: the peers drop the rule and allow everything */
		{ PROFILE("{\"names\":[\"ioctl\"],\"action\":\"SCMP_ACT_ALLOW\"},{\"names\":[\"ioctl\"],\"action\":\"SCMP_ACT_ERRNO\","
			  "\"args\":[" ARG(1, EQ, 21522) "]}"), 0, DENY_ERRNO, "/syscalls/1", "another action" },
		{ PROFILE(RULE("socket", ARG(0, NE, 38)) "," RULE("socket", ARG(0, NE, 40))), 0, DENY_ERRNO, "/syscalls/0", "every value" },
		{ PROFILE(RULE("socket", ARG(0, LT, 38)) "," RULE("socket", ARG(0, GE, 38))), 0, DENY_ERRNO, "/syscalls/0", "every value" },
		{ PROFILE(RULE("socket", ARG(0, GE, 0))), 0, DENY_ERRNO, "/syscalls/0", "every value" },
		{ PROFILE(RULE("read", "") ",{\"names\":[\"read\"],\"action\":\"SCMP_ACT_LOG\",\"includes\":{\"caps\":[\"CAP_CHOWN\"]}}"),
		  1, DENY_ERRNO, "/syscalls/1", "another action" },
		{ "{\"defaultAction\":\"SCMP_ACT_ALLOW\"}", 0, DENY_KILL, "", "denies nothing by default" },
		{ "{\"defaultAction\":\"SCMP_ACT_LOG\"}", 0, DENY_LOG, "", "denies nothing by default" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		_auto(arena_free) struct arena a = { 0 };
		const struct filter_wish w = { .caps = rows[i].caps, .kernel = KERNEL(6, 1), .deny = rows[i].deny };
		struct err e = { .kind = ERR_NONE };
		struct filter_profile p;
		struct sock_fprog f;

		assert_int_equal(arena_init(&a, ARENA), 0);
		assert_int_equal(filter_parse(rows[i].json, strlen(rows[i].json), &a, &p, &e), 0);
		assert_int_equal(filter_compile(&p, &w, &a, &f, &e), -1);
		assert_int_equal(e.kind, ERR_POLICY);
		assert_string_equal(e.path, rows[i].path);
		assert_non_null(strstr(e.msg, rows[i].msg));
	}
}

static uint32_t run(const struct sock_fprog *f, unsigned nr, uint64_t a1, uint64_t a2)
{
	return filter_emulate(f, &(struct seccomp_data){ .nr = (int)nr, .arch = CALL_ARCH, .args = { 0, a1, a2 } }, NULL);
}

static void deny_action(void **state)
{
	static const struct { enum seccomp_deny deny; uint32_t mount; } rows[] = {
		{ DENY_ERRNO, SECCOMP_RET_ERRNO | EPERM }, { DENY_KILL, SECCOMP_RET_KILL_PROCESS }, { DENY_LOG, SECCOMP_RET_LOG },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		_auto(arena_free) struct arena a = { 0 };
		const struct filter_wish w = { .kernel = KERNEL(6, 1), .deny = rows[i].deny };
		struct err e = { .kind = ERR_NONE };
		struct sock_fprog f;

		assert_int_equal(arena_init(&a, ARENA), 0);
		assert_int_equal(filter_compile(&filter_default, &w, &a, &f, &e), 0);
		assert_int_equal(run(&f, SYS_mount, 0, 0), rows[i].mount);
		assert_int_equal(run(&f, SYS_read, 0, 0), SECCOMP_RET_ALLOW);
		/* what the profile says itself, and what is new to it, stays as it is */
		assert_int_equal(run(&f, SYS_clone3, 0, 0), SECCOMP_RET_ERRNO | ENOSYS);
		assert_int_equal(run(&f, filter_default.newest + 1, 0, 0), SECCOMP_RET_ERRNO | ENOSYS);
		assert_int_equal(run(&f, 1000000, 0, 0), SECCOMP_RET_ERRNO | ENOSYS);
		assert_int_equal(filter_emulate(&f, &(struct seccomp_data){ .nr = SYS_read, .arch = AUDIT_ARCH_I386 }, NULL),
				 SECCOMP_RET_KILL_PROCESS);
	}
}

static void exec_once(void **state)
{
	_auto(arena_free) struct arena a = { 0 };
	const struct filter_once once = { 0x7f1234567890, 0x56789abcdef0 };
	const struct filter_wish w = { .kernel = KERNEL(6, 1), .once = &once };
	struct err e = { .kind = ERR_NONE };
	unsigned steps, others;
	struct sock_fprog f;

	(void)state;
	assert_int_equal(arena_init(&a, ARENA), 0);
	assert_int_equal(filter_compile(&filter_default, &w, &a, &f, &e), 0);
	assert_null(filter_invalid(&f));
	assert_int_equal(run(&f, SYS_execve, once.argv, once.envp), SECCOMP_RET_ALLOW);
	assert_int_equal(run(&f, SYS_execve, once.envp, once.argv), SECCOMP_RET_ERRNO | EPERM);
	assert_int_equal(run(&f, SYS_execve, 0, 0), SECCOMP_RET_ERRNO | EPERM);
	assert_int_equal(run(&f, SYS_execveat, once.argv, once.envp), SECCOMP_RET_ERRNO | EPERM);
	/* one bit off, wherever it is, costs as many instructions as a hit */
	filter_emulate(&f, &(struct seccomp_data){ .nr = SYS_execve, .arch = CALL_ARCH, .args = { 0, once.argv, once.envp } }, &steps);
	for (unsigned bit = 0; bit < 128; bit++) {
		struct seccomp_data d = { .nr = SYS_execve, .arch = CALL_ARCH, .args = { 0, once.argv, once.envp } };

		d.args[1 + bit / 64] ^= UINT64_C(1) << bit % 64;
		assert_int_equal(filter_emulate(&f, &d, &others), SECCOMP_RET_ERRNO | EPERM);
		assert_int_equal(steps, others);
	}
}

static void allowlist(void **state)
{
	static const uint16_t calls[] = { SYS_write, SYS_read, SYS_exit_group };
	_auto(arena_free) struct arena a = { 0 };
	struct err e = { .kind = ERR_NONE };
	struct sock_fprog f;

	(void)state;
	assert_int_equal(arena_init(&a, ARENA), 0);
	assert_int_equal(filter_allowlist(calls, COUNT(calls), SECCOMP_RET_KILL_PROCESS, &a, &f, &e), 0);
	assert_null(filter_invalid(&f));
	for (unsigned nr = 0; nr < CALL_MAX; nr++) {
		uint32_t want = call_known(nr) ? SECCOMP_RET_KILL_PROCESS : SECCOMP_RET_ERRNO | ENOSYS;

		for (size_t i = 0; i < COUNT(calls); i++)
			want = calls[i] == nr ? SECCOMP_RET_ALLOW : want;
		assert_int_equal(run(&f, nr, 0, 0), want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refusals), cmocka_unit_test(deny_action), cmocka_unit_test(exec_once), cmocka_unit_test(allowlist),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
