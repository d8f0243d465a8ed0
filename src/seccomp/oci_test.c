/* A config.json's filter against the one that runc and crun get from libseccomp for the same rules: every number of the three
 * ABIs, arguments at and around the constants. What the specification leaves to us is told apart by hand. */
#include "../base/cleanup.h"
#include "calls.h"
#include "emulate.h"
#include "oci.h"
#include "words.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <cmocka.h>

struct world { struct arena arena; struct err e; struct filter_oci made; };

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	*state = w;
	return arena_init(&w->arena, 64 << 20);
}

static int tear_down(void **state)
{
	arena_free(&((struct world *)*state)->arena);
	free(*state);
	return 0;
}

static int compile(struct world *w, const char *text)
{
	json_auto_t *j = json_loads(text, 0, NULL);

	assert_non_null(j);
	w->e = (struct err){ 0 };
	return filter_oci(j, &w->arena, &w->made, &w->e);
}

static void compiles(struct world *w, const char *text)
{
	if (compile(w, text) < 0)
		fail_msg("%s: %s", w->e.path, w->e.msg);
	assert_null(filter_invalid(&w->made.filter));
}

static uint32_t ask(const struct world *w, uint32_t arch, unsigned nr, uint64_t a0, uint64_t a2)
{
	const struct seccomp_data d = { .nr = (int)nr, .arch = arch, .args = { a0, 0, a2 } };

	return filter_emulate(&w->made.filter, &d, NULL);
}

static void is(uint32_t got, uint32_t want)
{
	if (got != want)
		fail_msg("got %#x, want %#x", got, want);
}

#define ENOSYS_RET (SECCOMP_RET_ERRNO | ENOSYS)

static void all_actions(void **state)
{
	struct world *w = *state;

	compiles(w, "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": 13, \"flags\": [\"SECCOMP_FILTER_FLAG_LOG\"], \"syscalls\": ["
		 "{\"names\": [\"read\"], \"action\": \"SCMP_ACT_ALLOW\"}, {\"names\": [\"open\", \"openat\"], \"action\": \"SCMP_ACT_NOTIFY\"},"
		 "{\"names\": [\"close\"], \"action\": \"SCMP_ACT_TRACE\", \"errnoRet\": 7}, {\"names\": [\"dup\"], \"action\": \"SCMP_ACT_TRAP\"},"
		 "{\"names\": [\"mkdirat\"], \"action\": \"SCMP_ACT_KILL\"}, {\"names\": [\"fchdir\"], \"action\": \"SCMP_ACT_KILL_PROCESS\"},"
		 "{\"names\": [\"fstat\"], \"action\": \"SCMP_ACT_LOG\"}, {\"names\": [\"sync\"], \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 0},"
		 "{\"names\": [\"no_such_call\", \"uretprobe\", \"arm_fadvise64_64\"], \"action\": \"SCMP_ACT_ALLOW\"}]}");
	is(ask(w, CALL_ARCH, SYS_read, 0, 0), SECCOMP_RET_ALLOW);
	is(ask(w, CALL_ARCH, SYS_openat, 0, 0), SECCOMP_RET_USER_NOTIF);
	is(ask(w, CALL_ARCH, SYS_close, 0, 0), SECCOMP_RET_TRACE | 7);
	is(ask(w, CALL_ARCH, SYS_dup, 0, 0), SECCOMP_RET_TRAP);
	is(ask(w, CALL_ARCH, SYS_mkdirat, 0, 0), SECCOMP_RET_KILL_THREAD);
	is(ask(w, CALL_ARCH, SYS_fchdir, 0, 0), SECCOMP_RET_KILL_PROCESS);
	is(ask(w, CALL_ARCH, SYS_fstat, 0, 0), SECCOMP_RET_LOG);
	is(ask(w, CALL_ARCH, SYS_sync, 0, 0), SECCOMP_RET_ERRNO);
	is(ask(w, CALL_ARCH, SYS_execve, 0, 0), SECCOMP_RET_ERRNO | EACCES);
	is(ask(w, CALL_ARCH, 900, 0, 0), ENOSYS_RET);
	is(ask(w, AUDIT_ARCH_MIPS, SYS_read, 0, 0), SECCOMP_RET_KILL_PROCESS);
	assert_true(w->made.notifies);
	assert_int_equal(w->made.flags, SECCOMP_FILTER_FLAG_LOG);
}

static void what_allows_by_default_allows_new_calls(void **state)
{
	struct world *w = *state;

	compiles(w, "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"mount\"], \"action\": \"SCMP_ACT_ERRNO\"}]}");
	is(ask(w, CALL_ARCH, SYS_mount, 0, 0), SECCOMP_RET_ERRNO | EPERM);
	is(ask(w, CALL_ARCH, 900, 0, 0), SECCOMP_RET_ALLOW);
	is(ask(w, CALL_ARCH, 2000, 0, 0), SECCOMP_RET_ALLOW);
	assert_false(w->made.notifies);
	compiles(w, "{\"defaultAction\": \"SCMP_ACT_ERRNO\"}");
	is(ask(w, CALL_ARCH, SYS_read, 0, 0), SECCOMP_RET_ERRNO | EPERM);
}

/* "!= 38 and != 40" in one rule: two rules in libseccomp's hands, and so everything is allowed. Faithful, not wise. */
static void two_conditions_on_an_argument_are_two_rules(void **state)
{
	struct world *w = *state;

	compiles(w, "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [{\"names\": [\"socket\"], \"action\": \"SCMP_ACT_ALLOW\", \"args\": ["
		 "{\"index\": 0, \"value\": 38, \"op\": \"SCMP_CMP_NE\"}, {\"index\": 0, \"value\": 40, \"op\": \"SCMP_CMP_NE\"}]}]}");
	is(ask(w, CALL_ARCH, SYS_socket, 38, 0), SECCOMP_RET_ALLOW);
	is(ask(w, CALL_ARCH, SYS_socket, 2, 0), SECCOMP_RET_ALLOW);
}

static void an_unconditional_rule_decides(void **state)
{
	struct world *w = *state;

	compiles(w, "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": ["
		 "{\"names\": [\"ioctl\"], \"action\": \"SCMP_ACT_KILL\", \"args\": [{\"index\": 1, \"value\": 21522, \"op\": \"SCMP_CMP_EQ\"}]},"
		 "{\"names\": [\"ioctl\"], \"action\": \"SCMP_ACT_ALLOW\"}]}");
	is(ask(w, CALL_ARCH, SYS_ioctl, 0, 0), SECCOMP_RET_ALLOW);
}

/* 2^63 and more come as text from whoever reads a config.json without a loss. */
static void constants_of_64_bits(void **state)
{
	static const uint64_t values[] = { INT64_MAX, UINT64_C(1) << 63, UINT64_MAX - 1, UINT64_MAX };
	struct world *w = *state;

	for (size_t i = 0; i < COUNT(values); i++) {
		const char *quote = values[i] > INT64_MAX ? "\"" : "";
		char *text = arena_printf(&w->arena, "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"dup\"], "
					  "\"action\": \"SCMP_ACT_ERRNO\", \"args\": [{\"index\": 0, \"value\": %s%ju%s, \"op\": \"SCMP_CMP_EQ\"}]}]}",
					  quote, (uintmax_t)values[i], quote);

		compiles(w, text);
		for (size_t k = 0; k < COUNT(values); k++)
			is(ask(w, CALL_ARCH, SYS_dup, values[k], 0), i == k ? SECCOMP_RET_ERRNO | EPERM : SECCOMP_RET_ALLOW);
	}
	compiles(w, "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"dup\"], \"action\": \"SCMP_ACT_ERRNO\", \"args\": "
		 "[{\"index\": 0, \"value\": 9223372036854775807, \"valueTwo\": 3, \"op\": \"SCMP_CMP_MASKED_EQ\"}]}]}");
	is(ask(w, CALL_ARCH, SYS_dup, (UINT64_C(1) << 63) + 3, 0), SECCOMP_RET_ERRNO | EPERM);
}

static void mistakes_have_a_place(void **state)
{
	static const struct { const char *text, *path; } rows[] = {
		{ "{\"defaultAction\": \"SCMP_ACT_DENY\"}", "/defaultAction" },
		{ "{\"syscalls\": []}", "/defaultAction" },
		{ "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": 4096}", "/defaultErrnoRet" },
		{ "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"flags\": [\"SECCOMP_FILTER_FLAG_LOG\", \"X\"]}", "/flags/1" },
		{ "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [{\"names\": [\"read\"], \"action\": \"ALLOW\"}]}", "/syscalls/0/action" },
		{ "{\"defaultAction\": \"SCMP_ACT_NOTIFY\"}", "/defaultAction" },
		{ "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"defaultErrnoRet\": 5}", "/defaultErrnoRet" },
		{ "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"read\"], \"action\": \"SCMP_ACT_KILL\", \"errnoRet\": 7}]}", "/syscalls/0/errnoRet" },
		{ "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [], \"action\": \"SCMP_ACT_KILL\"}]}", "/syscalls/0/names" },
		{ "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"action\": \"SCMP_ACT_KILL\"}]}", "/syscalls/0/names" },
		{ "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"architectures\": [\"SCMP_ARCH_S390X\", \"SCMP_ARCH_FOO\"]}", "/architectures/1" },
		{ "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"read\"], \"action\": \"SCMP_ACT_KILL\", \"args\": [{\"index\": 0, \"op\": \"SCMP_CMP_EQ\"}]}]}", "/syscalls/0/args/0" },
		{ "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"read\"], \"action\": \"SCMP_ACT_KILL\", \"args\": [{\"index\": 0, \"value\": -1, \"op\": \"SCMP_CMP_EQ\"}]}]}", "/syscalls/0/args/0" },
		{ "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [{\"names\": [\"read\", \"write\"], \"action\": \"SCMP_ACT_NOTIFY\"}]}",
		  "/syscalls/0/names/1" },
		{ "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [{\"names\": [\"read\"], \"action\": \"SCMP_ACT_ALLOW\", \"args\": "
		  "[{\"index\": 6, \"op\": \"SCMP_CMP_EQ\"}]}]}", "/syscalls/0/args/0" },
		{ "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [{\"names\": [\"read\"], \"action\": \"SCMP_ACT_ALLOW\", \"args\": "
		  "[{\"index\": 1, \"op\": \"EQ\"}]}]}", "/syscalls/0/args/0" },
	};
	struct world *w = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(compile(w, rows[i].text), -1);
		assert_string_equal(w->e.path, rows[i].path);
	}
}

#ifdef __x86_64__
/* As docker writes it for a container without capabilities, cut to the shapes of rules that there are. */
static const char typical[] =
	"{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": 1, \"architectures\": [\"SCMP_ARCH_X86_64\", \"SCMP_ARCH_X86\", \"SCMP_ARCH_X32\"],"
	" \"syscalls\": ["
	"{\"names\": [\"accept\", \"accept4\", \"bind\", \"brk\", \"connect\", \"execve\", \"exit_group\", \"futex\", \"futex_time64\", \"getuid32\", \"ipc\","
	" \"listen\", \"lseek\", \"_llseek\", \"mmap\", \"mmap2\", \"msgget\", \"read\", \"recvfrom\", \"rt_sigaction\", \"semop\", \"semget\", \"send\","
	" \"sendto\", \"shmat\", \"writev\", \"faccessat2\"], \"action\": \"SCMP_ACT_ALLOW\"},"
	"{\"names\": [\"personality\"], \"action\": \"SCMP_ACT_ALLOW\", \"args\": [{\"index\": 0, \"value\": 0, \"op\": \"SCMP_CMP_EQ\"}]},"
	"{\"names\": [\"personality\"], \"action\": \"SCMP_ACT_ALLOW\", \"args\": [{\"index\": 0, \"value\": 4294967295, \"op\": \"SCMP_CMP_EQ\"}]},"
	"{\"names\": [\"socket\"], \"action\": \"SCMP_ACT_ALLOW\", \"args\": [{\"index\": 0, \"value\": 38, \"op\": \"SCMP_CMP_LT\"}]},"
	"{\"names\": [\"socket\"], \"action\": \"SCMP_ACT_ALLOW\", \"args\": [{\"index\": 0, \"value\": 39, \"op\": \"SCMP_CMP_EQ\"}]},"
	"{\"names\": [\"socket\"], \"action\": \"SCMP_ACT_ALLOW\", \"args\": [{\"index\": 0, \"value\": 40, \"op\": \"SCMP_CMP_GT\"}]},"
	"{\"names\": [\"clone\"], \"action\": \"SCMP_ACT_ALLOW\", \"args\": [{\"index\": 0, \"value\": 2114060288, \"valueTwo\": 0,"
	" \"op\": \"SCMP_CMP_MASKED_EQ\"}]},"
	"{\"names\": [\"clone3\"], \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 38}]}";

static void add_one(scmp_filter_ctx ctx, json_t *entry, const char *name)
{
	static const enum scmp_compare ops[] = { SCMP_CMP_EQ, SCMP_CMP_NE, SCMP_CMP_LT, SCMP_CMP_LE, SCMP_CMP_GE, SCMP_CMP_GT, SCMP_CMP_MASKED_EQ };
	const char *action = json_string_value(json_object_get(entry, "action"));
	json_t *args = json_object_get(entry, "args"), *arg;
	struct scmp_arg_cmp cmp[6];
	size_t i;

	json_array_foreach(args, i, arg) {
		cmp[i] = (struct scmp_arg_cmp){ (unsigned)json_integer_value(json_object_get(arg, "index")), ops[filter_operator(json_string_value(json_object_get(arg, "op")))],
						(uint64_t)json_integer_value(json_object_get(arg, "value")),
						(uint64_t)json_integer_value(json_object_get(arg, "valueTwo")) };
	}
	assert_int_equal(seccomp_rule_add_array(ctx, strcmp(action, "SCMP_ACT_ALLOW") == 0 ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO(ENOSYS),
						seccomp_syscall_resolve_name(name), (unsigned)json_array_size(args), cmp), 0);
}

/* As runc and crun do it. */
static void oracle(const char *text, struct arena *a, struct sock_fprog *ret)
{
	json_auto_t *j = json_loads(text, 0, NULL);
	_auto(close_fd) int fd = memfd_create("oracle", MFD_CLOEXEC);
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	json_t *entry, *name;
	size_t i, k, len;

	assert_int_equal(seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS), 0);
	assert_int_equal(seccomp_arch_add(ctx, SCMP_ARCH_X86), 0);
	assert_int_equal(seccomp_arch_add(ctx, SCMP_ARCH_X32), 0);
	json_array_foreach(json_object_get(j, "syscalls"), i, entry)
		json_array_foreach(json_object_get(entry, "names"), k, name)
			add_one(ctx, entry, json_string_value(name));
	assert_int_equal(seccomp_export_bpf(ctx, fd), 0);
	seccomp_release(ctx);
	len = (size_t)lseek(fd, 0, SEEK_END);
	ret->len = (unsigned short)(len / sizeof(*ret->filter));
	ret->filter = arena_alloc(a, len);
	assert_int_equal(pread(fd, ret->filter, len, 0), len);
}

static void equals_libseccomp_on_three_abis(void **state)
{
	static const struct { uint32_t arch; unsigned base, newest; } abis[] = {
		{ AUDIT_ARCH_X86_64, 0, 439 }, { AUDIT_ARCH_I386, 0, 439 }, { AUDIT_ARCH_X86_64, CALL_X32, 537 },
	};
	static const uint64_t values[] = { 0, 1, 2, 3, 13, 14, 21, 37, 38, 39, 40, 41, 0x10000000, 0x7e020000, 4294967295, 4294967296, UINT64_MAX };
	struct world *w = *state;
	struct sock_fprog theirs;
	size_t different = 0, enosys = 0;

	compiles(w, typical);
	oracle(typical, &w->arena, &theirs);
	for (size_t i = 0; i < COUNT(abis); i++)
		for (unsigned nr = 0; nr < 1100; nr++)
			for (size_t k = 0; k < COUNT(values); k++) {
				const struct seccomp_data d = { .nr = (int)(abis[i].base + nr), .arch = abis[i].arch, .args = { values[k], values[k], values[k] } };
				uint32_t want = filter_emulate(&theirs, &d, NULL), got = filter_emulate(&w->made.filter, &d, NULL);

				if (values[k] > UINT32_MAX && i > 0)	/* there are none; libseccomp does not look at the upper half */
					continue;
				if (got == ENOSYS_RET && want == (SECCOMP_RET_ERRNO | EPERM) && nr > abis[i].newest - 200) {
					enosys++;	/* newer than all that is named */
					continue;
				}
				if (want != got && different++ < 10)
					print_message("arch %x call %u (%llx): libseccomp %x, ours %x\n", d.arch, (unsigned)d.nr, (unsigned long long)values[k], want, got);
			}
	assert_int_equal(different, 0);
	assert_true(enosys > 1000);
	is(ask(w, AUDIT_ARCH_I386, 102, 1, 0), SECCOMP_RET_ALLOW);		/* socketcall(SYS_SOCKET): its family is behind a pointer */
	is(ask(w, AUDIT_ARCH_I386, 102, 4, 0), SECCOMP_RET_ALLOW);		/* listen */
	is(ask(w, AUDIT_ARCH_I386, 102, 8, 0), SECCOMP_RET_ERRNO | EPERM);	/* socketpair */
	is(ask(w, AUDIT_ARCH_I386, 102, 2, 0), SECCOMP_RET_ALLOW);		/* bind */
	is(ask(w, AUDIT_ARCH_I386, 359, 38, 0), SECCOMP_RET_ERRNO | EPERM);	/* socket(AF_ALG) */
	is(ask(w, AUDIT_ARCH_I386, 359, 2, 0), SECCOMP_RET_ALLOW);
}

static void what_is_not_listed_is_killed(void **state)
{
	struct world *w = *state;

	compiles(w, "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"architectures\": [\"SCMP_ARCH_X86_64\", \"SCMP_ARCH_X86\"]}");
	is(ask(w, AUDIT_ARCH_I386, 1, 0, 0), SECCOMP_RET_ALLOW);
	is(ask(w, AUDIT_ARCH_X86_64, CALL_X32 | 1, 0, 0), SECCOMP_RET_KILL_PROCESS);
	is(ask(w, AUDIT_ARCH_X86_64, UINT32_MAX, 0, 0), ENOSYS_RET);
	compiles(w, "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"architectures\": [\"SCMP_ARCH_X32\"]}");
	is(ask(w, AUDIT_ARCH_I386, 1, 0, 0), SECCOMP_RET_KILL_PROCESS);
	is(ask(w, AUDIT_ARCH_X86_64, CALL_X32 | 1, 0, 0), SECCOMP_RET_ALLOW);
	is(ask(w, AUDIT_ARCH_X86_64, 1, 0, 0), SECCOMP_RET_ALLOW);
}
#endif

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(all_actions), TEST(what_allows_by_default_allows_new_calls), TEST(two_conditions_on_an_argument_are_two_rules),
		TEST(an_unconditional_rule_decides), TEST(constants_of_64_bits), TEST(mistakes_have_a_place),
#ifdef __x86_64__
		TEST(equals_libseccomp_on_three_abis), TEST(what_is_not_listed_is_killed),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
