/* What the profile reader takes and refuses, and where it says the fault is. */
#include "../base/cleanup.h"
#include "calls.h"
#include "profile.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/syscall.h>
#include <cmocka.h>

enum { ARENA = 64 * 1024 * 1024 };

static int parse(const char *json, struct arena *a, struct filter_profile *p, struct err *e)
{
	*e = (struct err){ .kind = ERR_NONE };
	assert_int_equal(arena_init(a, ARENA), 0);
	return filter_parse(json, strlen(json), a, p, e);
}

#define ERRNO "\"defaultAction\":\"SCMP_ACT_ERRNO\""
#define RULES(r) "{" ERRNO ",\"syscalls\":[" r "]}"
#define ALLOW(rest) "{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ALLOW\"" rest "}"
#define ARGS(a) RULES(ALLOW(",\"args\":[" a "]"))

#if defined(__x86_64__)
#define FOREIGN "\"SCMP_ARCH_AARCH64\""
#define NATIVE "\"SCMP_ARCH_X86_64\""
#define GO "amd64"
#elif defined(__aarch64__)
#define FOREIGN "\"SCMP_ARCH_X86_64\""
#define NATIVE "\"SCMP_ARCH_AARCH64\""
#define GO "arm64"
#else
#define FOREIGN "\"SCMP_ARCH_X86_64\""
#define NATIVE "\"SCMP_ARCH_RISCV64\""
#define GO "riscv64"
#endif

static void refused(void **state)
{
	static const struct { const char *json, *path, *msg; } rows[] = {
		{ "", "", "not JSON: line 1" },
		{ "{" ERRNO ",", "", "not JSON" },
		{ "{" ERRNO "," ERRNO "}", "", "duplicate" },
		{ "{" ERRNO "} x", "", "not JSON" },
		{ "[]", "", "want an object" },
		{ "{}", "", "\"defaultAction\" is missing" },
		{ "{\"defaultaction\":\"SCMP_ACT_ERRNO\"}", "/defaultaction", "unknown key" },
		{ "{" ERRNO ",\"defaultErrno\":\"EPERM\"}", "/defaultErrno", "unknown key" },
		{ "{\"defaultAction\":null}", "/defaultAction", "want a string" },
		{ "{\"defaultAction\":\"SCMP_ACT_DENY\"}", "/defaultAction", "unknown action" },
		{ "{\"defaultAction\":\"SCMP_ACT_TRACE\"}", "/defaultAction", "nobody would answer" },
		{ "{\"defaultAction\":\"SCMP_ACT_NOTIFY\"}", "/defaultAction", "nobody would answer" },
		{ "{" ERRNO ",\"defaultErrnoRet\":0}", "/defaultErrnoRet", "from 1 to 4095" },
		{ "{" ERRNO ",\"defaultErrnoRet\":4096}", "/defaultErrnoRet", "from 1 to 4095" },
		{ "{" ERRNO ",\"defaultErrnoRet\":\"1\"}", "/defaultErrnoRet", "want an integer" },
		{ "{\"defaultAction\":\"SCMP_ACT_KILL\",\"defaultErrnoRet\":1}", "/defaultErrnoRet", "only SCMP_ACT_ERRNO" },
		{ "{" ERRNO ",\"listenerPath\":\"/run/x\"}", "/listenerPath", "no agent" },
		{ "{" ERRNO ",\"listenerMetadata\":\"x\"}", "/listenerMetadata", "no agent" },
		{ "{" ERRNO ",\"flags\":[\"SECCOMP_FILTER_FLAG_SPEC_ALLOW\"]}", "/flags/0", "speculative" },
		{ "{" ERRNO ",\"flags\":[\"SECCOMP_FILTER_FLAG_LOG\",\"SECCOMP_FILTER_FLAG_TSYNC\"]}", "/flags/1", "one thread" },
		{ "{" ERRNO ",\"flags\":[\"x\"]}", "/flags/0", "unknown flag" },
		/* architectures */
		{ "{" ERRNO ",\"architectures\":[" FOREIGN "]}", "/architectures", "only foreign" },
		{ "{" ERRNO ",\"architectures\":[\"SCMP_ARCH_X86_46\"]}", "/architectures/0", "unknown architecture" },
		{ "{" ERRNO ",\"architectures\":[7]}", "/architectures/0", "want a string" },
		{ "{" ERRNO ",\"archMap\":[{\"architecture\":" FOREIGN "}]}", "/archMap", "only foreign" },
		/* as a sub-architecture we are foreign, too: the engines would not find us either */
		{ "{" ERRNO ",\"archMap\":[{\"architecture\":" FOREIGN ",\"subArchitectures\":[" NATIVE "]}]}", "/archMap", "only foreign" },
		{ "{" ERRNO ",\"archMap\":[{\"architecture\":\"x\"}]}", "/archMap/0/architecture", "unknown architecture" },
		{ "{" ERRNO ",\"archMap\":[{\"architecture\":" NATIVE ",\"subArchitectures\":[\"x\"]}]}", "/archMap/0/subArchitectures/0", "unknown" },
		{ "{" ERRNO ",\"archMap\":[{\"architecture\":" NATIVE "}],\"architectures\":[" NATIVE "]}", "", "exclude each other" },
		/* rules */
		{ RULES("7"), "/syscalls/0", "want an object" },
		{ RULES("{\"action\":\"SCMP_ACT_ALLOW\"}"), "/syscalls/0", "missing or empty" },
		{ RULES("{\"names\":[],\"action\":\"SCMP_ACT_ALLOW\"}"), "/syscalls/0", "missing or empty" },
		{ RULES("{\"names\":[\"read\"]}"), "/syscalls/0", "\"action\" is missing" },
		{ RULES(ALLOW(",\"name\":\"write\"")), "/syscalls/0", "exclude each other" },
		{ RULES(ALLOW(",\"nmaes\":[]")), "/syscalls/0/nmaes", "unknown key" },
		{ RULES(ALLOW("") "," ALLOW(",\"errnoRet\":1")), "/syscalls/1/errnoRet", "only SCMP_ACT_ERRNO" },
		{ RULES("{\"names\":[\"read\"],\"action\":\"ALLOW\"}"), "/syscalls/0/action", "unknown action" },
		{ RULES("{\"names\":[\"read\",\"raed\"],\"action\":\"SCMP_ACT_ALLOW\"}"), "/syscalls/0/names/1", "unknown system call \"raed\"" },
		{ RULES("{\"name\":\"raed\",\"action\":\"SCMP_ACT_ALLOW\"}"), "/syscalls/0/name", "unknown system call" },
		{ RULES("{\"names\":[3],\"action\":\"SCMP_ACT_ALLOW\"}"), "/syscalls/0/names/0", "want a string" },
		/* a rule for others is read as strictly */
		{ RULES("{\"names\":[\"raed\"],\"action\":\"SCMP_ACT_ALLOW\",\"includes\":{\"arches\":[\"s390x\"]}}"), "/syscalls/0/names/0", "unknown" },
		/* arguments */
		{ ARGS("1"), "/syscalls/0/args/0", "want an object" },
		{ ARGS("{\"index\":0,\"value\":1}"), "/syscalls/0/args/0", "\"op\" is missing" },
		{ ARGS("{\"index\":6,\"value\":1,\"op\":\"SCMP_CMP_EQ\"}"), "/syscalls/0/args/0", "arguments 0 to 5" },
		{ ARGS("{\"index\":0,\"value\":-1,\"op\":\"SCMP_CMP_EQ\"}"), "/syscalls/0/args/0", "unsigned" },
		{ ARGS("{\"index\":0,\"value\":1.0,\"op\":\"SCMP_CMP_EQ\"}"), "/syscalls/0/args/0/value", "want an integer" },
		{ ARGS("{\"index\":0,\"value\":18446744073709551615,\"op\":\"SCMP_CMP_EQ\"}"), "", "too big integer" },
		{ ARGS("{\"index\":0,\"value\":1,\"op\":\"SCMP_CMP_EQUAL\"}"), "/syscalls/0/args/0", "unknown operator" },
		{ ARGS("{\"index\":0,\"value\":1,\"valueTwo\":1,\"op\":\"SCMP_CMP_EQ\"}"), "/syscalls/0/args/0", "only SCMP_CMP_MASKED_EQ" },
		{ ARGS("{\"index\":0,\"value\":0,\"op\":\"SCMP_CMP_MASKED_EQ\"}"), "/syscalls/0/args/0", "mask of 0" },
		{ ARGS("{\"index\":0,\"value\":4,\"valueTwo\":6,\"op\":\"SCMP_CMP_MASKED_EQ\"}"), "/syscalls/0/args/0", "never be true" },
		{ ARGS("{\"index\":0,\"value\":38,\"op\":\"SCMP_CMP_NE\"},{\"index\":0,\"value\":40,\"op\":\"SCMP_CMP_NE\"}"),
		  "/syscalls/0/args/1", "a second condition on argument 0" },
		/* selections */
		{ RULES(ALLOW(",\"includes\":{\"cap\":[]}")), "/syscalls/0/includes/cap", "unknown key" },
		{ RULES(ALLOW(",\"includes\":{\"caps\":[\"CAP_BOGUS\"]}")), "/syscalls/0/includes/caps/0", "unknown capability" },
		{ RULES(ALLOW(",\"excludes\":{\"caps\":[\"SYS_ADMIN\"]}")), "/syscalls/0/excludes/caps/0", "unknown capability" },
		{ RULES(ALLOW(",\"includes\":{\"arches\":[\"x86_64\"]}")), "/syscalls/0/includes/arches/0", "unknown architecture" },
		{ RULES(ALLOW(",\"includes\":{\"minKernel\":\"4\"}")), "/syscalls/0/includes/minKernel", "kernel version" },
		{ RULES(ALLOW(",\"includes\":{\"minKernel\":\"4.8x\"}")), "/syscalls/0/includes/minKernel", "kernel version" },
		{ RULES(ALLOW(",\"includes\":{\"minKernel\":\"-4.8\"}")), "/syscalls/0/includes/minKernel", "kernel version" },
		{ RULES(ALLOW(",\"includes\":{\"minKernel\":\"4.256\"}")), "/syscalls/0/includes/minKernel", "kernel version" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		_auto(arena_free) struct arena a = { 0 };
		struct filter_profile p;
		struct err e;

		if (parse(rows[i].json, &a, &p, &e) == 0)
			fail_msg("taken: %s", rows[i].json);
		assert_int_equal(e.kind, ERR_POLICY);
		if (strcmp(e.path, rows[i].path) != 0 || !strstr(e.msg, rows[i].msg))
			fail_msg("%s: got \"%s\" at \"%s\"", rows[i].json, e.msg, e.path);
	}
}

static void taken(void **state)
{
	static const char json[] = "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":13,"
		"\"archMap\":[{\"architecture\":" FOREIGN ",\"subArchitectures\":null},{\"architecture\":" NATIVE ",\"subArchitectures\":[\"SCMP_ARCH_X86\"]}],"
		"\"flags\":[\"SECCOMP_FILTER_FLAG_LOG\"],\"syscalls\":["
		"{\"names\":[\"write\",\"read\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":null,\"comment\":\"\",\"includes\":{},\"excludes\":null},"
		"{\"name\":\"s390_pci_mmio_read\",\"action\":\"SCMP_ACT_ALLOW\"},"
		"{\"name\":\"statmount\",\"names\":[],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":38},"
		"{\"names\":[\"close\"],\"action\":\"SCMP_ACT_ALLOW\",\"includes\":{\"arches\":[\"s390\"]}},"
		"{\"names\":[\"close\"],\"action\":\"SCMP_ACT_ALLOW\",\"excludes\":{\"arches\":[\"" GO "\"]}},"
		"{\"names\":[\"lseek\"],\"action\":\"SCMP_ACT_LOG\",\"includes\":{\"arches\":[\"s390\",\"" GO "\"],\"caps\":[\"CAP_CHOWN\",\"CAP_KILL\"],"
		"\"minKernel\":\"4.8\"},\"excludes\":{\"caps\":[\"CAP_BPF\"],\"minKernel\":\"6.1\"},\"args\":["
		"{\"index\":5,\"value\":9223372036854775807,\"valueTwo\":4096,\"op\":\"SCMP_CMP_MASKED_EQ\"},"
		"{\"index\":0,\"value\":3,\"valueTwo\":0,\"op\":\"SCMP_CMP_LE\"}]}]}";
	_auto(arena_free) struct arena a = { 0 };
	const struct filter_rule *r = NULL;
	struct filter_profile p;
	struct err e;

	(void)state;
	if (parse(json, &a, &p, &e) < 0)
		fail_msg("%s: %s", e.path, e.msg);
	assert_int_equal(p.default_action, SECCOMP_RET_ERRNO | EACCES);
	assert_int_equal(p.newest, 457);
	assert_int_equal(p.n_rules, 4);
	for (size_t i = 0; i < p.n_rules; i++) {
		assert_true(i == 0 || p.rules[i].nr > p.rules[i - 1].nr);
		assert_int_not_equal(p.rules[i].nr, SYS_close);
		r = p.rules[i].nr == SYS_lseek ? &p.rules[i] : r;
	}
	assert_non_null(r);
	assert_int_equal(r->action, SECCOMP_RET_LOG);
	assert_int_equal(r->origin, 5);
	assert_int_equal(r->caps_all, 1 << 0 | 1 << 5);
	assert_int_equal(r->caps_none, UINT64_C(1) << 39);
	assert_int_equal(r->since, KERNEL(4, 8));
	assert_int_equal(r->until, KERNEL(6, 1));
	assert_int_equal(r->n_cond, 2);
	assert_int_equal(p.conds[r->cond].mask, INT64_MAX);
	assert_int_equal(p.conds[r->cond].value, 4096);
	assert_int_equal(p.conds[r->cond].index, 5);
	assert_int_equal(p.conds[r->cond + 1].op, OP_LE);
	assert_int_equal(p.conds[r->cond + 1].mask, 0);
}

static void newest_call(void **state)
{
	static const struct { const char *json; unsigned newest; } rows[] = {
		{ RULES(ALLOW("")), CALL_OLD },		/* short, not old: openat is denied by decision */
		{ RULES("{\"names\":[\"futex_waitv\"],\"action\":\"SCMP_ACT_ALLOW\"}"), 449 },
		{ "{\"defaultAction\":\"SCMP_ACT_ALLOW\"}", 471 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		_auto(arena_free) struct arena a = { 0 };
		struct filter_profile p;
		struct err e;

		assert_int_equal(parse(rows[i].json, &a, &p, &e), 0);
		assert_int_equal(p.newest, rows[i].newest);
	}
}

static void too_long(void **state)
{
	static char text[PROFILE_BYTES_MAX + 1];
	_auto(arena_free) struct arena a = { 0 };
	struct filter_profile p;
	struct err e = { .kind = ERR_NONE };

	(void)state;
	memset(text, ' ', sizeof(text));
	assert_int_equal(arena_init(&a, ARENA), 0);
	assert_int_equal(filter_parse(text, sizeof(text), &a, &p, &e), -1);
	assert_non_null(strstr(e.msg, "at most"));
}

/* --- names and numbers --- */

static void numbers(void **state)
{
	static const struct { const char *name; int x86_64, aarch64, riscv64; } rows[] = {
		{ "read", 0, 63, 63 },
		{ "open", 2, CALL_ELSEWHERE, CALL_ELSEWHERE },
		{ "socket", 41, 198, 198 },		/* -101 on x86, where it is part of socketcall */
		{ "socketcall", CALL_ELSEWHERE, CALL_ELSEWHERE, CALL_ELSEWHERE },
		{ "semop", 65, 193, 193 },		/* -201 on x86 and s390x */
		{ "arm_fadvise64_64", CALL_ELSEWHERE, CALL_ELSEWHERE, CALL_ELSEWHERE },
		{ "s390_runtime_instr", CALL_ELSEWHERE, CALL_ELSEWHERE, CALL_ELSEWHERE },
		{ "breakpoint", CALL_ELSEWHERE, CALL_ELSEWHERE, CALL_ELSEWHERE },	/* ARM's private range */
		{ "mmap2", CALL_ELSEWHERE, CALL_ELSEWHERE, CALL_ELSEWHERE },
		{ "arch_prctl", 158, CALL_ELSEWHERE, CALL_ELSEWHERE },
		{ "riscv_flush_icache", CALL_ELSEWHERE, CALL_ELSEWHERE, 259 },
		{ "riscv_hwprobe", CALL_ELSEWHERE, CALL_ELSEWHERE, 258 },		/* ours */
		{ "uretprobe", 335, CALL_ELSEWHERE, CALL_ELSEWHERE },		/* ours */
		{ "futex_requeue", 456, 456, 456 },
		{ "statmount", 457, 457, 457 },		/* ours */
		{ "rseq_slice_yield", 471, 471, 471 },	/* ours */
		{ "", CALL_UNKNOWN, CALL_UNKNOWN, CALL_UNKNOWN },
		{ "Read", CALL_UNKNOWN, CALL_UNKNOWN, CALL_UNKNOWN },
		{ "sys_read", CALL_UNKNOWN, CALL_UNKNOWN, CALL_UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
#if defined(__x86_64__)
		assert_int_equal(call_number(rows[i].name), rows[i].x86_64);
#elif defined(__aarch64__)
		assert_int_equal(call_number(rows[i].name), rows[i].aarch64);
#else
		assert_int_equal(call_number(rows[i].name), rows[i].riscv64);
#endif
}

/* Our own table must not contradict a libseccomp that knows the names, nor name a number twice. */
static void newer_table(void **state)
{
	static const struct { const char *name; int nr[3]; } rows[] = {
#define X(name, x86_64, aarch64, riscv64, kernel) { #name, { x86_64, aarch64, riscv64 } },
#include "newer.def"
#undef X
	};
	static const uint32_t arch[] = { SCMP_ARCH_X86_64, SCMP_ARCH_AARCH64, SCMP_ARCH_RISCV64 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		for (size_t k = 0; k < COUNT(arch); k++) {
			int theirs = seccomp_syscall_resolve_name_arch(arch[k], rows[i].name);
			_auto(free_mem) char *name = rows[i].nr[k] < 0 ? NULL : seccomp_syscall_resolve_num_arch(arch[k], rows[i].nr[k]);

			if (theirs != __NR_SCMP_ERROR)
				assert_int_equal(theirs < 0 ? -1 : theirs, rows[i].nr[k]);
			if (name)
				assert_string_equal(name, rows[i].name);
		}
}

static void bitmap(void **state)
{
	(void)state;
	for (unsigned nr = 0; nr < CALL_MAX; nr++) {
		_auto(free_mem) char *name = call_name(nr);

		assert_int_equal(call_known(nr), name != NULL);
		if (name)
			assert_int_equal(call_number(name), nr);
	}
	assert_true(call_known(call_newest()) && !call_known(call_newest() + 1) && !call_known(CALL_MAX) && !call_known(UINT32_MAX));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refused), cmocka_unit_test(taken), cmocka_unit_test(newest_call), cmocka_unit_test(too_long),
		cmocka_unit_test(numbers), cmocka_unit_test(newer_table), cmocka_unit_test(bitmap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
