/* oci.c - see oci.h. One profile for each ABI that the config lists, since numbers differ; compile.c joins them. */
#include "oci.h"
#include "../base/cleanup.h"
#include "calls.h"
#include "compile.h"
#include "judge.h"
#include "reader.h"
#include "words.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>

/* --- names --- */

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)	/* 5.19 */
#endif

/* TSYNC is for threads, and there is one; with a listener the kernel refuses it. */
static const struct { const char *name; unsigned flag; } flags[] = {
	{ "SECCOMP_FILTER_FLAG_TSYNC", 0 }, { "SECCOMP_FILTER_FLAG_LOG", SECCOMP_FILTER_FLAG_LOG },
	{ "SECCOMP_FILTER_FLAG_SPEC_ALLOW", SECCOMP_FILTER_FLAG_SPEC_ALLOW },
	{ "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV },
};
const char *const filter_oci_flags[] = {
	"SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW", "SECCOMP_FILTER_FLAG_TSYNC",
	"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", NULL,
};

#if defined(__x86_64__)
const char *const filter_oci_archs[] = { "SCMP_ARCH_X86", "SCMP_ARCH_X32", "SCMP_ARCH_X86_64", NULL };
#elif defined(__aarch64__)
const char *const filter_oci_archs[] = { "SCMP_ARCH_AARCH64", NULL };
#else
const char *const filter_oci_archs[] = { "SCMP_ARCH_RISCV64", NULL };
#endif

static size_t find(const char *const *names, const char *name)
{
	size_t i = 0;

	while (names[i] && strcmp(names[i], name) != 0)
		i++;
	return i;
}

/* --- numbers --- */

enum { I386_SOCKETCALL = 102, I386_IPC = 117, PSEUDO_SOCKET = -100, PSEUDO_IPC = -200 };

/* Calls that i386 has behind socketcall and ipc, and since Linux 4.3 and 5.1 under numbers of their own as well
 * (arch/x86/entry/syscalls/syscall_32.tbl). libseccomp gives them pseudo numbers: -100 and -200 less the subcall. */
static int i386_direct(int pseudo)
{
	static const struct { int pseudo, nr; } direct[] = {
		{ -101, 359 }, { -102, 361 }, { -103, 362 }, { -104, 363 }, { -106, 367 }, { -107, 368 }, { -108, 360 }, { -111, 369 },
		{ -112, 371 }, { -113, 373 }, { -114, 366 }, { -115, 365 }, { -116, 370 }, { -117, 372 }, { -118, 364 },
		{ -202, 393 }, { -203, 394 }, { -211, 400 }, { -212, 401 }, { -213, 399 }, { -214, 402 },
		{ -221, 397 }, { -222, 398 }, { -223, 395 }, { -224, 396 },
	};

	for (size_t i = 0; i < COUNT(direct); i++)
		if (direct[i].pseudo == pseudo)
			return direct[i].nr;
	return CALL_ELSEWHERE;
}

/* The number of a name in an ABI; *sub is the subcall by which it can be reached too, or 0. */
static int number(enum filter_abi abi, const char *name, int *sub)
{
	int nr = call_number(name);

	*sub = 0;
	if (abi == FILTER_NATIVE || nr > CALL_OLD || nr == CALL_UNKNOWN)	/* from 424 on all ABIs count alike */
		return nr;
	if (abi == FILTER_X32) {
		nr = seccomp_syscall_resolve_name_arch(SCMP_ARCH_X32, name);
		return nr >= 0 && nr & CALL_X32 ? nr & ~CALL_X32 : CALL_ELSEWHERE;
	}
	nr = seccomp_syscall_resolve_name_arch(SCMP_ARCH_X86, name);
	if (nr > PSEUDO_SOCKET)
		return nr >= 0 ? nr : CALL_ELSEWHERE;
	*sub = nr;
	return i386_direct(nr);
}

/* --- rules --- */

struct maker {
	struct reader r;
	enum filter_abi abi;
	struct filter_rule *rules; size_t n_rules;
	struct filter_cond *conds; size_t n_conds;
	size_t max_rules, max_conds;
	int newest;
	bool notifies;
};

static int read_action(struct reader *r, const char *key, json_t *obj, const char *errno_key, uint32_t *ret)
{
	const char *s = json_string_value(json_object_get(obj, key));
	json_t *number = json_object_get(obj, errno_key);
	json_int_t sys = json_is_integer(number) ? json_integer_value(number) : EPERM;

	if (!filter_action(s, ret)) {
		down(r, "/%s", key);
		return fail(r, "SCMP_ACT_ALLOW, SCMP_ACT_ERRNO, SCMP_ACT_NOTIFY ...", s ? "unknown action \"%s\"" : "\"%s\" is missing", s ? s : key);
	}
	if (*ret != SECCOMP_RET_ERRNO && *ret != SECCOMP_RET_TRACE) {
		if (!number || json_is_null(number))
			return 0;
		down(r, "/%s", errno_key);
		return fail(r, "leave it out", "%s returns no errno", s);
	}
	if (sys < 0 || sys > (*ret == SECCOMP_RET_ERRNO ? 4095 : UINT16_MAX)) {
		down(r, "/%s", errno_key);
		return fail(r, NULL, "want an errno from 0 to 4095");
	}
	*ret |= (uint32_t)sys;
	return 0;
}

/* What jansson's integers cannot hold comes as text that ends with its digits (oci/document.h). */
static int read_value(struct reader *r, json_t *arg, const char *key, uint64_t *ret)
{
	const json_t *v = json_object_get(arg, key);
	const char *digits = json_string_value(v);

	if (!digits && json_integer_value(v) < 0)
		return fail(r, NULL, "%s is a number from 0 to 2^64-1", key);
	*ret = digits ? strtoull(digits + strcspn(digits, "0123456789"), NULL, 10) : (uint64_t)json_integer_value(v);
	return 0;
}

static int read_arg(struct reader *r, json_t *arg, struct filter_cond *c)
{
	json_t *index = json_object_get(arg, "index"), *value = json_object_get(arg, "value");
	const char *op = json_string_value(json_object_get(arg, "op"));
	int i = filter_operator(op);

	if (!json_is_integer(index) || json_integer_value(index) < 0 || json_integer_value(index) > 5)
		return fail(r, NULL, "a call has arguments 0 to 5");
	if (i < 0)
		return fail(r, "SCMP_CMP_EQ NE LT LE GE GT MASKED_EQ", "unknown operator \"%s\"", op ? op : "");
	if (!value || json_is_null(value))
		return fail(r, NULL, "there is no value to compare with");
	*c = (struct filter_cond){ .index = (uint8_t)json_integer_value(index), .op = (uint8_t)i };
	if (read_value(r, arg, "value", &c->value) < 0)
		return -1;
	if (i == OP_MASKED_EQ) {
		c->mask = c->value;
		if (read_value(r, arg, "valueTwo", &c->value) < 0)
			return -1;
		c->value &= c->mask;
	}
	return 0;
}

/* The conditions of an entry; *apart when two of them look at one argument, which makes a rule of each. */
static int read_args(struct maker *m, json_t *args, struct filter_rule *rule, bool *apart)
{
	unsigned seen = 0;
	json_t *arg;
	size_t i;

	rule->cond = (uint16_t)m->n_conds;
	rule->n_cond = (uint16_t)json_array_size(args);
	*apart = false;
	json_array_foreach(args, i, arg) {
		size_t mark = down(&m->r, "/args/%zu", i);
		struct filter_cond *c = &m->conds[m->n_conds++];

		if (read_arg(&m->r, arg, c) < 0)
			return -1;
		*apart |= seen >> c->index & 1;
		seen |= 1U << c->index;
		back(&m->r, mark);
	}
	return 0;
}

static void put(struct maker *m, int nr, const struct filter_rule *rule, bool apart)
{
	if (nr < 0 || nr >= CALL_MAX)
		return;
	if (nr > m->newest)
		m->newest = nr;
	for (unsigned i = 0; i < (apart ? rule->n_cond : 1); i++) {
		struct filter_rule *to = &m->rules[m->n_rules++];

		*to = *rule;
		to->nr = (uint16_t)nr;
		if (apart) {
			to->cond = (uint16_t)(rule->cond + i);
			to->n_cond = 1;
		}
	}
}

/* Through the multiplexer the arguments lie behind a pointer, and no condition can be put on them: the whole subcall gets the action.
 * So socket() of i386 is open to AF_ALG where the native one is not; libseccomp has it so, and 32-bit programs count on socketcall. */
static void put_sub(struct maker *m, int sub, const struct filter_rule *rule)
{
	struct filter_rule r = *rule;

	if (!sub)
		return;
	m->conds[m->n_conds] = (struct filter_cond){
		.op = OP_EQ, .value = (uint64_t)((sub <= PSEUDO_IPC ? PSEUDO_IPC : PSEUDO_SOCKET) - sub),
	};
	r.cond = (uint16_t)m->n_conds++;
	r.n_cond = 1;
	put(m, sub <= PSEUDO_IPC ? I386_IPC : I386_SOCKETCALL, &r, false);
}

static int read_entry(struct maker *m, json_t *entry, size_t origin, uint32_t otherwise)
{
	struct filter_rule rule = { .origin = (uint16_t)origin };
	json_t *names = json_object_get(entry, "names"), *name;
	bool apart;
	size_t i;

	if (read_action(&m->r, "action", entry, "errnoRet", &rule.action) < 0 ||
	    read_args(m, json_object_get(entry, "args"), &rule, &apart) < 0)
		return -1;
	m->notifies |= rule.action == SECCOMP_RET_USER_NOTIF;
	if (json_array_size(names) == 0) {
		down(&m->r, "/names");
		return fail(&m->r, NULL, "a rule names one call at least");
	}
	json_array_foreach(names, i, name) {
		int sub, nr = number(m->abi, json_string_value(name), &sub);

		if (nr > m->newest && nr < CALL_MAX)
			m->newest = nr;
		/* The runtime's own last words: an agent that is to allow them would be waited for by whoever has to start it. */
		if (rule.action == SECCOMP_RET_USER_NOTIF && strcmp(json_string_value(name), "write") == 0) {
			down(&m->r, "/names/%zu", i);
			return fail(&m->r, NULL, "SCMP_ACT_NOTIFY cannot be had for write: the specification leaves that to the runtime");
		}
		if (rule.action == otherwise)
			continue;
		put(m, nr, &rule, apart);
		put_sub(m, sub, &rule);
	}
	return 0;
}

static int allocate(struct maker *m, json_t *syscalls, struct arena *a)
{
	size_t rules = 0, conds = 0, i;
	json_t *entry;

	json_array_foreach(syscalls, i, entry) {
		size_t n = json_array_size(json_object_get(entry, "names")), k = json_array_size(json_object_get(entry, "args"));

		rules += n * (k > 1 ? k : 1) * 2;
		conds += k + n;
	}
	if (conds > UINT16_MAX || json_array_size(syscalls) > UINT16_MAX)
		return fail(&m->r, NULL, "more rules or conditions than the %d that are handled", UINT16_MAX);
	m->rules = arena_alloc(a, (rules + 1) * sizeof(*m->rules));
	m->conds = arena_alloc(a, (conds + 1) * sizeof(*m->conds));
	return m->rules && m->conds ? 0 : err_set(m->r.e, ERR_HOST, ENOMEM, NULL, "cannot hold the seccomp rules");
}

static bool lets_through(uint32_t action)
{
	action &= SECCOMP_RET_ACTION_FULL;
	return action == SECCOMP_RET_ALLOW || action == SECCOMP_RET_LOG || action == SECCOMP_RET_TRACE;
}

/* The rules of one ABI. */
static int read_abi(json_t *seccomp, enum filter_abi abi, struct arena *a, struct filter_profile *ret, bool *notifies, struct err *e)
{
	struct maker m = { .r.e = e, .abi = abi, .newest = -1 };
	json_t *syscalls = json_object_get(seccomp, "syscalls"), *entry;
	uint32_t otherwise;
	size_t i;

	if (read_action(&m.r, "defaultAction", seccomp, "defaultErrnoRet", &otherwise) < 0 || allocate(&m, syscalls, a) < 0)
		return -1;
	if (otherwise == SECCOMP_RET_USER_NOTIF) {
		down(&m.r, "/defaultAction");
		return fail(&m.r, "name the calls", "SCMP_ACT_NOTIFY cannot be the default: write would be among them");
	}
	json_array_foreach(syscalls, i, entry) {
		size_t mark = down(&m.r, "/syscalls/%zu", i);

		if (read_entry(&m, entry, i, otherwise) < 0)
			return -1;
		back(&m.r, mark);
	}
	qsort(m.rules, m.n_rules, sizeof(*m.rules), filter_rule_order);
	*notifies |= m.notifies;
	*ret = (struct filter_profile){
		.default_action = otherwise, .newest = m.newest < 0 || lets_through(otherwise) ? CALL_MAX - 1 : (unsigned)m.newest,
		.rules = m.rules, .n_rules = m.n_rules, .conds = m.conds, .faithful = true,
		.beyond = lets_through(otherwise) ? otherwise : SECCOMP_RET_ERRNO | ENOSYS,
	};
	return 0;
}

/* --- the whole --- */

static int read_flags(json_t *list, unsigned *ret, struct err *e)
{
	struct reader r = { .e = e };
	json_t *item;
	size_t i, k;

	json_array_foreach(list, i, item) {
		for (k = 0; k < COUNT(flags) && strcmp(flags[k].name, json_string_value(item)) != 0; k++)
			;
		if (k == COUNT(flags)) {
			down(&r, "/flags/%zu", i);
			return fail(&r, NULL, "unknown flag \"%s\"", json_string_value(item));
		}
		*ret |= flags[k].flag;
	}
	return 0;
}

/* Those of other machines are none of ours; what no machine has is a mistake. */
static int check_archs(json_t *list, struct err *e)
{
	static const char *const known[] = {
		"AARCH64", "ARM", "LOONGARCH64", "M68K", "MIPS", "MIPS64", "MIPS64N32", "MIPSEL", "MIPSEL64", "MIPSEL64N32", "PARISC",
		"PARISC64", "PPC", "PPC64", "PPC64LE", "RISCV64", "S390", "S390X", "SH", "SHEB", "X32", "X86", "X86_64", NULL,
	};
	struct reader r = { .e = e };
	json_t *item;
	size_t i;

	json_array_foreach(list, i, item) {
		const char *name = json_string_value(item);

		if (strncmp(name, "SCMP_ARCH_", 10) == 0 && known[find(known, name + 10)])
			continue;
		down(&r, "/architectures/%zu", i);
		return fail(&r, "SCMP_ARCH_X86_64 ...", "there is no architecture \"%s\"", name);
	}
	return 0;
}

static bool lists(json_t *archs, const char *name)
{
	json_t *item;
	size_t i;

	json_array_foreach(archs, i, item)
		if (strcmp(json_string_value(item), name) == 0)
			return true;
	return false;
}

int filter_oci(json_t *seccomp, struct arena *a, struct filter_oci *ret, struct err *e)
{
	static const struct { enum filter_abi abi; const char *name; } others[] = {
		{ FILTER_I386, "SCMP_ARCH_X86" }, { FILTER_X32, "SCMP_ARCH_X32" },
	};
	const struct filter_wish wish = { .deny = DENY_ERRNO };
	struct filter_profile profile[FILTER_ABIS] = { 0 };
	json_t *archs = json_object_get(seccomp, "architectures");

	*ret = (struct filter_oci){ 0 };
	if (check_archs(archs, e) < 0 || read_flags(json_object_get(seccomp, "flags"), &ret->flags, e) < 0 ||
	    read_abi(seccomp, FILTER_NATIVE, a, &profile[FILTER_NATIVE], &ret->notifies, e) < 0)
		return -1;
	for (size_t i = 0; i < COUNT(others); i++) {
		if (!lists(archs, others[i].name) || find(filter_oci_archs, others[i].name) == COUNT(filter_oci_archs) - 1)
			continue;
		if (read_abi(seccomp, others[i].abi, a, &profile[others[i].abi], &ret->notifies, e) < 0)
			return -1;
		profile[FILTER_NATIVE].other[others[i].abi] = &profile[others[i].abi];
	}
	if (!ret->notifies)	/* the kernel takes it with a listener only */
		ret->flags &= ~(unsigned)SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
	return filter_compile(&profile[FILTER_NATIVE], &wish, a, &ret->filter, e);
}
