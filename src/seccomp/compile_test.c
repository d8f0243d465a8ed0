/* Our filters against the rules' own words and against libseccomp's filters: every number, arguments at and around
 * every constant.
 *
 *	test-seccomp_compile [PROFILE.json ...]		compares any other profile (docker's, podman's) as well */
#include "../base/cleanup.h"
#include "calls.h"
#include "compile.h"
#include "emulate.h"
#include "judge.h"

#include <errno.h>
#include <seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <cmocka.h>

enum { ARENA = 64 * 1024 * 1024 };

static void read_profile(const char *json, struct arena *a, struct filter_profile *p)
{
	struct err e = { .kind = ERR_NONE };

	if (filter_parse(json, strlen(json), a, p, &e) < 0)
		fail_msg("%s: %s", e.path, e.msg);
}

/* --- the oracle --- */

static void oracle(const struct filter_profile *p, const struct filter_wish *w, struct arena *a, struct sock_fprog *ret)
{
	scmp_filter_ctx ctx = seccomp_init(p->default_action);
	_auto(close_fd) int fd = memfd_create("oracle", MFD_CLOEXEC);
	off_t len;

	assert_non_null(ctx);
	assert_int_equal(seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS), 0);
	for (size_t i = 0; i < p->n_rules; i++) {
		const struct filter_rule *r = &p->rules[i];
		struct scmp_arg_cmp args[6];

		if (!rule_applies(r, w) || r->action == p->default_action)
			continue;
		for (size_t k = 0; k < r->n_cond; k++) {
			const struct filter_cond *c = &p->conds[r->cond + k];
			static const enum scmp_compare ops[] = {
				[OP_EQ] = SCMP_CMP_EQ, [OP_NE] = SCMP_CMP_NE, [OP_LT] = SCMP_CMP_LT, [OP_LE] = SCMP_CMP_LE,
				[OP_GE] = SCMP_CMP_GE, [OP_GT] = SCMP_CMP_GT, [OP_MASKED_EQ] = SCMP_CMP_MASKED_EQ,
			};
			bool masked = c->op == OP_MASKED_EQ;

			args[k] = (struct scmp_arg_cmp){ c->index, ops[c->op], masked ? c->mask : c->value, masked ? c->value : 0 };
		}
		assert_int_equal(seccomp_rule_add_exact_array(ctx, r->action, r->nr, r->n_cond, args), 0);
	}
	assert_int_equal(seccomp_export_bpf(ctx, fd), 0);
	seccomp_release(ctx);
	len = lseek(fd, 0, SEEK_END);
	ret->len = (unsigned short)((size_t)len / sizeof(*ret->filter));
	ret->filter = arena_alloc(a, (size_t)len);
	assert_int_equal(pread(fd, ret->filter, (size_t)len, 0), len);
	assert_null(filter_invalid(ret));
}

/* --- arguments worth trying --- */

struct trial {
	const struct filter_profile *p;
	const struct filter_wish *w;
	struct sock_fprog ours, theirs;
	size_t n;
};

static uint32_t expected(struct trial *t, const struct seccomp_data *d)
{
	const unsigned nr = (unsigned)d->nr;

#ifdef __x86_64__
	if (nr >= CALL_X32 && nr != UINT32_MAX)
		return SECCOMP_RET_KILL_PROCESS;
#endif
	if (d->arch == CALL_ARCH && (nr > t->p->newest || !call_known(nr)))
		return SECCOMP_RET_ERRNO | ENOSYS;
	if (t->theirs.len)
		assert_int_equal(filter_emulate(&t->theirs, d, NULL), filter_meaning(t->p, t->w, d));
	return filter_meaning(t->p, t->w, d);
}

static void try(struct trial *t, const struct seccomp_data *d)
{
	uint32_t want = expected(t, d), got = filter_emulate(&t->ours, d, NULL);

	t->n++;
	if (want != got)
		fail_msg("call %d arch %x (%llx, %llx, %llx, %llx, %llx, %llx): want %x, got %x", d->nr, d->arch, d->args[0],
			 d->args[1], d->args[2], d->args[3], d->args[4], d->args[5], want, got);
}

/* Values that tell a right comparison from a nearly right one. */
static size_t around(const struct filter_cond *c, uint64_t v[32])
{
	const uint64_t k = c->value, m = c->op == OP_MASKED_EQ ? c->mask : UINT64_MAX;
	size_t n = 0;

	for (int i = -1; i <= 1; i++)
		v[n++] = k + (uint64_t)i;
	for (unsigned bit = 31; bit < 64; bit += 16)	/* 31, 47, 63; and the first of the upper half */
		v[n++] = k ^ UINT64_C(1) << bit;
	v[n++] = k ^ UINT64_C(1) << 32;
	v[n++] = k << 32;
	v[n++] = k >> 32;
	v[n++] = (k << 32) | (k >> 32);
	v[n++] = k | ~m;
	v[n++] = ~k;
	v[n++] = m;
	v[n++] = ~m;
	v[n++] = k ^ (m & -m);		/* the lowest bit of the mask the other way */
	v[n++] = (uint32_t)k;
	v[n++] = k - (UINT64_C(1) << 32);
	v[n++] = k + (UINT64_C(1) << 32);
	v[n++] = 0;
	v[n++] = 1;
	v[n++] = UINT32_MAX;
	v[n++] = UINT64_MAX;
	return n;
}

/* Some arguments that the rule holds for. */
static void satisfy(const struct filter_profile *p, const struct filter_rule *r, struct seccomp_data *d)
{
	for (size_t k = 0; k < r->n_cond; k++) {
		const struct filter_cond *c = &p->conds[r->cond + k];
		const bool up = c->op == OP_NE || c->op == OP_GT;

		d->args[c->index] = c->value + (up ? 1 : c->op == OP_LT ? UINT64_MAX : 0);
	}
}

static void try_rule(struct trial *t, const struct filter_rule *r)
{
	const struct filter_rule *end = t->p->rules + t->p->n_rules;
	struct seccomp_data d = { .nr = r->nr, .arch = CALL_ARCH };
	uint64_t v[32];

	satisfy(t->p, r, &d);
	try(t, &d);
	/* every argument of this call that any of its rules looks at, varied around that rule's constant */
	for (const struct filter_rule *o = t->p->rules; o < end; o++)
		for (size_t k = 0; o->nr == r->nr && k < o->n_cond; k++) {
			const struct filter_cond *c = &t->p->conds[o->cond + k];
			struct seccomp_data varied = d;
			size_t n = around(c, v);

			while (n-- > 0) {
				varied.args[c->index] = v[n];
				try(t, &varied);
			}
		}
}

static size_t compare(const struct filter_profile *p, const struct filter_wish *w, struct arena *a, bool with_libseccomp)
{
	struct trial t = { .p = p, .w = w };
	struct err e = { .kind = ERR_NONE };
	static const unsigned odd[] = { CALL_X32, CALL_X32 + 1, CALL_X32 + 547, INT32_MAX, 0x80000000, UINT32_MAX - 1, UINT32_MAX };
	static const uint32_t foreign[] = { AUDIT_ARCH_I386, AUDIT_ARCH_X86_64, AUDIT_ARCH_ARM, AUDIT_ARCH_AARCH64, AUDIT_ARCH_RISCV64, 0 };

	if (filter_compile(p, w, a, &t.ours, &e) < 0)
		fail_msg("%s: %s", e.path, e.msg);
	assert_null(filter_invalid(&t.ours));
	if (with_libseccomp)
		oracle(p, w, a, &t.theirs);
	for (unsigned nr = 0; nr <= CALL_MAX; nr++) {
		try(&t, &(struct seccomp_data){ .nr = (int)nr, .arch = CALL_ARCH });
		try(&t, &(struct seccomp_data){ .nr = (int)nr, .arch = CALL_ARCH, .args = { ~0ull, ~0ull, ~0ull, ~0ull, ~0ull, ~0ull } });
		for (size_t i = 0; i < COUNT(foreign); i++)
			if (foreign[i] != CALL_ARCH)
				try(&t, &(struct seccomp_data){ .nr = (int)nr, .arch = foreign[i] });
	}
	for (size_t i = 0; i < COUNT(odd); i++)
		try(&t, &(struct seccomp_data){ .nr = (int)odd[i], .arch = CALL_ARCH });
	for (size_t i = 0; i < p->n_rules; i++)
		if (rule_applies(&p->rules[i], w))
			try_rule(&t, &p->rules[i]);
	return t.n;
}

/* --- profiles --- */

#define PROFILE(rules) "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[" rules "]}"
#define RULE(name, args) "{\"names\":[\"" name "\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[" args "]}"
#define ARG(i, op, v) "{\"index\":" #i ",\"op\":\"SCMP_CMP_" #op "\",\"value\":" #v "}"
#define MASK(i, m, v) "{\"index\":" #i ",\"op\":\"SCMP_CMP_MASKED_EQ\",\"value\":" #m ",\"valueTwo\":" #v "}"

static const char *const profiles[] = {
	PROFILE(""),
	PROFILE("{\"names\":[\"read\",\"write\",\"execve\",\"exit_group\"],\"action\":\"SCMP_ACT_ALLOW\"}"),
	"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"ptrace\",\"mount\"],\"action\":\"SCMP_ACT_KILL_PROCESS\"},"
		"{\"names\":[\"kexec_load\"],\"action\":\"SCMP_ACT_TRAP\"},{\"names\":[\"bpf\"],\"action\":\"SCMP_ACT_KILL\"}]}",
	"{\"defaultAction\":\"SCMP_ACT_LOG\",\"syscalls\":[{\"names\":[\"statmount\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":4094}]}",
	/* each operator, with and without a high half */
	PROFILE(RULE("read", ARG(0, EQ, 7)) "," RULE("write", ARG(0, NE, 7)) "," RULE("close", ARG(0, LT, 7)) ","
		RULE("dup", ARG(0, LE, 7)) "," RULE("fsync", ARG(0, GE, 7)) "," RULE("fdatasync", ARG(0, GT, 7))),
	PROFILE(RULE("read", ARG(5, EQ, 78187493520)) "," RULE("write", ARG(5, NE, 78187493520)) ","
		RULE("close", ARG(5, LT, 78187493520)) "," RULE("dup", ARG(5, LE, 78187493520)) ","
		RULE("fsync", ARG(5, GE, 78187493520)) "," RULE("fdatasync", ARG(5, GT, 78187493520))),
	PROFILE(RULE("read", ARG(1, LT, 4294967296)) "," RULE("write", ARG(1, LE, 4294967295)) ","
		RULE("close", ARG(1, GE, 4294967296)) "," RULE("dup", ARG(1, GT, 4294967295)) ","
		RULE("fsync", ARG(1, GE, 1)) "," RULE("fdatasync", ARG(1, LT, 1))),
	PROFILE(RULE("read", MASK(2, 65535, 21522)) "," RULE("write", MASK(2, 4294967295, 21522)) ","
		RULE("close", MASK(2, 4294967296, 4294967296)) "," RULE("dup", MASK(2, 4294967297, 4294967296)) ","
		RULE("fsync", MASK(2, 8, 8)) "," RULE("fdatasync", MASK(2, 3072, 0)) "," RULE("lseek", MASK(2, 3072, 1024)) ","
		RULE("ioctl", MASK(2, 9223372036854775807, 81985529216486895))),
	/* several rules of a call, several conditions of a rule, other arguments */
	PROFILE(RULE("socket", ARG(0, LT, 38)) "," RULE("socket", ARG(0, EQ, 39)) "," RULE("socket", ARG(0, GT, 40))),
	PROFILE(RULE("socket", ARG(0, EQ, 2) "," MASK(1, 15, 1) "," ARG(2, LE, 17)) ","
		RULE("socket", ARG(0, EQ, 10) "," MASK(1, 15, 2)) "," RULE("socket", ARG(0, EQ, 1))),
	PROFILE(RULE("ioctl", ARG(1, EQ, 1)) ",{\"names\":[\"ioctl\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":5,\"args\":["
		ARG(1, GT, 1) "]}," RULE("prctl", ARG(0, NE, 4)) ",{\"name\":\"prctl\",\"action\":\"SCMP_ACT_KILL_PROCESS\",\"args\":["
		ARG(0, EQ, 4) "]}"),
	PROFILE(RULE("read", ARG(0, EQ, 1)) "," RULE("read", "")),	/* the unconditional rule is all that counts */
	/* conditions that are answered per launch */
	PROFILE("{\"names\":[\"chroot\"],\"action\":\"SCMP_ACT_ALLOW\",\"includes\":{\"caps\":[\"CAP_SYS_CHROOT\"]}},"
		"{\"names\":[\"clone3\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":38,\"excludes\":{\"caps\":[\"CAP_SYS_ADMIN\"]}},"
		"{\"names\":[\"clone3\"],\"action\":\"SCMP_ACT_ALLOW\",\"includes\":{\"caps\":[\"CAP_SYS_ADMIN\"]}},"
		"{\"names\":[\"ptrace\"],\"action\":\"SCMP_ACT_ALLOW\",\"includes\":{\"minKernel\":\"4.8\"}},"
		"{\"names\":[\"acct\"],\"action\":\"SCMP_ACT_ALLOW\",\"excludes\":{\"minKernel\":\"6.1\"}}"),
};

static const struct filter_wish wishes[] = {
	{ .caps = 0, .kernel = KERNEL(6, 18) }, { .caps = UINT64_MAX, .kernel = KERNEL(6, 18) },
	{ .caps = 0xa80425fb /* docker's fourteen */, .kernel = KERNEL(6, 1) }, { .caps = UINT64_C(1) << 21, .kernel = KERNEL(4, 7) },
};

static void with_every_wish(const struct filter_profile *p, struct arena *a)
{
	size_t n = 0;

	for (size_t i = 0; i < COUNT(wishes); i++)
		n += compare(p, &wishes[i], a, true);
	assert_true(n > 8 * CALL_MAX);
}

static void equals_libseccomp(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(profiles); i++) {
		_auto(arena_free) struct arena a = { 0 };
		struct filter_profile p;

		assert_int_equal(arena_init(&a, ARENA), 0);
		read_profile(profiles[i], &a, &p);
		with_every_wish(&p, &a);
	}
}

static void default_equals_libseccomp(void **state)
{
	_auto(arena_free) struct arena a = { 0 };

	(void)state;
	assert_int_equal(arena_init(&a, ARENA), 0);
	with_every_wish(&filter_default, &a);
}

/* xorshift: the same sequence everywhere */
static uint64_t next_random(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

/* A few values, so that rules meet. */
static uint64_t random_value(uint64_t *x)
{
	static const uint64_t pool[] = { 0, 1, 2, 7, 0x5412, INT32_MAX, UINT32_MAX, UINT64_C(1) << 32, (UINT64_C(1) << 32) + 7,
					 INT64_MAX, UINT64_MAX - 1, UINT64_MAX };
	uint64_t r = next_random(x);

	return r % 5 ? pool[(r >> 8) % COUNT(pool)] : next_random(x);
}

/* Any mixture of conditions against the rules' words. Not against libseccomp, which merges the conditions of a call
 * into one tree and in 2.5.4 gets some mixtures of 64-bit comparisons wrong, in either direction. */
static void random_rules(void **state)
{
	static const uint16_t calls[] = { 0, 1, 16, 41 };
	struct filter_rule rules[16];
	struct filter_cond conds[COUNT(rules) * 3];
	uint64_t x = 88172645463325252;
	unsigned accepted = 0;

	(void)state;
	for (unsigned round = 0; round < 400; round++) {
		_auto(arena_free) struct arena a = { 0 };
		struct filter_profile p = { .default_action = SECCOMP_RET_ERRNO | EPERM, .newest = 471, .rules = rules, .conds = conds };
		struct sock_fprog f;
		struct err e = { .kind = ERR_NONE };
		uint16_t n = 0;

		assert_int_equal(arena_init(&a, ARENA), 0);
		for (size_t c = 0; c < COUNT(calls); c++)
			for (uint64_t k = 1 + next_random(&x) % 4; k > 0; k--) {
				struct filter_rule *r = &rules[p.n_rules++];
				unsigned index = (unsigned)(next_random(&x) % 3);

				*r = (struct filter_rule){ .nr = calls[c], .cond = n, .n_cond = (uint16_t)(1 + next_random(&x) % 3),
							   .action = next_random(&x) % 8 ? SECCOMP_RET_ALLOW : SECCOMP_RET_ERRNO | 5,
							   .origin = (uint16_t)p.n_rules };
				for (unsigned i = 0; i < r->n_cond; i++) {
					struct filter_cond *q = &conds[n++];

					*q = (struct filter_cond){ .index = (uint8_t)(index + i), .op = (uint8_t)(next_random(&x) % 7),
								   .value = random_value(&x) };
					if (q->op == OP_MASKED_EQ) {
						q->mask = random_value(&x) | 1;
						q->value &= q->mask;
					}
				}
			}
		if (filter_compile(&p, &wishes[0], &a, &f, &e) < 0)
			continue;	/* contradictory, or a sum that lets everything through */
		accepted++;
		compare(&p, &wishes[0], &a, false);
	}
	assert_in_range(accepted, 100, 400);
}

/* --- size --- */

/* Enough different checks that conditional jumps cannot span them, and then more than a filter may have. */
static void long_jumps(void **state)
{
	static struct filter_rule rules[2000];
	static struct filter_cond conds[COUNT(rules)];
	struct filter_profile p = { .default_action = SECCOMP_RET_ERRNO | EPERM, .newest = 471, .rules = rules, .conds = conds };
	_auto(arena_free) struct arena a = { 0 };
	struct err e = { .kind = ERR_NONE };
	struct sock_fprog f;

	(void)state;
	for (uint16_t i = 0; i < COUNT(rules); i++) {
		conds[i] = (struct filter_cond){ .op = OP_EQ, .index = 1, .value = i * UINT64_C(0x100000001) };
		rules[i] = (struct filter_rule){ .nr = (uint16_t)(i / 10), .action = SECCOMP_RET_ALLOW, .cond = i, .n_cond = 1 };
	}
	assert_int_equal(arena_init(&a, ARENA), 0);
	for (p.n_rules = 20; p.n_rules <= 600; p.n_rules += 83)
		compare(&p, &wishes[0], &a, true);
	p.n_rules = COUNT(rules);
	assert_int_equal(filter_compile(&p, &wishes[0], &a, &f, &e), -1);
	assert_non_null(strstr(e.msg, "longer than the kernel's 4096"));
}

/* --- other people's profiles --- */

/* Compares with libseccomp, and says where the shipped profile is the looser one: nowhere, for docker's. */
static int compare_file(const char *path)
{
	static char text[PROFILE_BYTES_MAX];
	_auto(close_file) FILE *in = fopen(path, "re");
	size_t len = in ? fread(text, 1, sizeof(text), in) : 0;
	struct err e = { .kind = ERR_NONE };
	int looser = 0;

	for (size_t i = 0; i < COUNT(wishes); i++) {
		_auto(arena_free) struct arena a = { 0 };
		struct trial t = { .p = &filter_default, .w = &wishes[i] };
		struct filter_profile p;
		size_t n;

		if (arena_init(&a, ARENA) < 0 || filter_parse(text, len, &a, &p, &e) < 0 ||
		    filter_compile(&p, &wishes[i], &a, &t.theirs, &e) < 0 || filter_compile(t.p, t.w, &a, &t.ours, &e) < 0) {
			err_print(&e, path);
			return 1;
		}
		n = compare(&p, &wishes[i], &a, true);
		for (unsigned nr = 0; nr < CALL_MAX; nr++)
			for (size_t r = 0; r < filter_default.n_rules; r++) {
				struct seccomp_data d = { .nr = (int)nr, .arch = CALL_ARCH };

				if (filter_default.rules[r].nr != nr)
					continue;
				satisfy(&filter_default, &filter_default.rules[r], &d);
				if (filter_emulate(&t.ours, &d, NULL) != SECCOMP_RET_ALLOW ||
				    filter_emulate(&t.theirs, &d, NULL) == SECCOMP_RET_ALLOW)
					continue;
				_auto(free_mem) char *name = call_name(nr);
				printf("%s: caps %llx: only the shipped profile allows %s (%llx, %llx, %llx)\n", path,
				       (unsigned long long)wishes[i].caps, name, d.args[0], d.args[1], d.args[2]);
				looser++;
			}
		printf("%s: caps %llx: %zu comparisons with libseccomp equal, %u instructions\n", path,
		       (unsigned long long)wishes[i].caps, n, t.theirs.len);
	}
	return looser != 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equals_libseccomp), cmocka_unit_test(default_equals_libseccomp),
		cmocka_unit_test(random_rules), cmocka_unit_test(long_jumps),
	};
	int worst = 0;

	for (int i = 1; i < argc; i++)
		worst |= compare_file(argv[i]);
	return argc > 1 ? worst : cmocka_run_group_tests(tests, NULL, NULL);
}
