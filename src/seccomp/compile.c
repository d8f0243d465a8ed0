/* compile.c - rules to a BPF program, laid out for the way the kernel uses it.
 *
 * libseccomp makes a chain of comparisons, or with SCMP_FLTATR_CTL_OPTIMIZE=2 a tree whose leaves repeat their
 * returns. The kernel, when a filter is installed, runs it for every system call number to learn which are
 * allowed without a look at arguments (seccomp_cache_prepare, 5.11), so the layout is paid for at each launch:
 * docker's profile as libseccomp chains it takes 336 us to install (845 with its three architectures),
 * optimized 140, and 61 as a binary search over ranges of numbers with equal verdicts. Our rules are
 * compiled to the latter. It is also a third of the size, and the calls that the kernel cannot answer
 * from its bitmap reach their argument checks after seven comparisons. */
#include "compile.h"
#include "../base/cleanup.h"
#include "calls.h"
#include "code.h"
#include "judge.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>

enum {
	VERDICTS_MAX = 256, LEAF_RULES_MAX = 2048,
	ENOSYS_ACTION = SECCOMP_RET_ERRNO | ENOSYS,
};

/* What happens to a call: an action, or a leaf of code that looks at the arguments. */
struct verdict {
	uint32_t action;		/* for a leaf: when no rule matches */
	const struct filter_rule *const *rules; size_t n_rules;	/* 0: not a leaf */
	const struct filter_once *once;	/* a leaf of its own */
	unsigned label;			/* where its code is, once `emitted` */
	bool emitted;
};

struct range { uint32_t first; unsigned verdict; };	/* up to the next one's first */

struct compiler {
	const struct filter_profile *p, *native;	/* of this ABI; of the machine's own */
	const struct filter_wish *w;
	struct err *e;
	struct code *code;
	struct verdict verdict[VERDICTS_MAX]; size_t n_verdicts;
	const struct filter_rule *leaf_rules[LEAF_RULES_MAX]; size_t n_leaf_rules;
	struct range range[CALL_MAX + 8]; size_t n_ranges;
};

/* --- verdicts --- */

static bool same_rule(const struct compiler *c, const struct filter_rule *a, const struct filter_rule *b)
{
	bool same = a->action == b->action && a->n_cond == b->n_cond;

	for (size_t i = 0; same && i < a->n_cond; i++) {
		const struct filter_cond *x = &c->p->conds[a->cond + i], *y = &c->p->conds[b->cond + i];

		same = x->index == y->index && x->op == y->op && x->value == y->value && x->mask == y->mask;
	}
	return same;
}

static bool same_verdict(const struct compiler *c, const struct verdict *a, const struct verdict *b)
{
	bool same = a->action == b->action && a->n_rules == b->n_rules && a->once == b->once;

	for (size_t i = 0; same && i < a->n_rules; i++)
		same = same_rule(c, a->rules[i], b->rules[i]);
	return same;
}

/* The index of an equal verdict; calls with equal checks share their code. */
static unsigned add_verdict(struct compiler *c, const struct verdict *v)
{
	size_t i;

	for (i = 0; i < c->n_verdicts && !same_verdict(c, &c->verdict[i], v); i++)
		;
	if (i == c->n_verdicts && i < VERDICTS_MAX)
		c->verdict[c->n_verdicts++] = *v;
	return (unsigned)i;
}

static bool permits(uint32_t action)
{
	return action == SECCOMP_RET_ALLOW || action == SECCOMP_RET_LOG;
}

static uint32_t default_action(const struct filter_profile *p, const struct filter_wish *w)
{
	switch (w->deny) {
	case DENY_ERRNO: break;
	case DENY_KILL: return SECCOMP_RET_KILL_PROCESS;
	case DENY_LOG: return SECCOMP_RET_LOG;
	}
	return p->default_action;
}

/* The verdict on one number, whose rules, if any, begin at *i. */
static int judge_number(struct compiler *c, unsigned nr, size_t *i, struct verdict *v)
{
	struct judgement j;

	j.n = 0;
	*v = (struct verdict){ .action = c->p->faithful || call_known(nr) ? default_action(c->p, c->w) : ENOSYS_ACTION };
	if (*i < c->p->n_rules && c->p->rules[*i].nr == nr && judge_call(c->p, c->w, *i, i, &j, c->e) < 0)
		return -1;
	if (c->w->once && nr == SYS_execve) {
		*v = (struct verdict){ .once = c->w->once };
	} else if (c->w->once && nr == SYS_execveat) {
		*v = (struct verdict){ .action = SECCOMP_RET_ERRNO | EPERM };
	} else if (j.n == 1 && !j.rules[0]->n_cond) {
		v->action = j.rules[0]->action;
	} else if (j.n > 0) {
		if (j.n > LEAF_RULES_MAX - c->n_leaf_rules)
			return err_set(c->e, ERR_POLICY, 0, NULL, "more argument rules than are handled");
		v->rules = memcpy(c->leaf_rules + c->n_leaf_rules, j.rules, j.n * sizeof(*j.rules));
		v->n_rules = j.n;
		c->n_leaf_rules += j.n;
	}
	return 0;
}

static void add_range(struct compiler *c, uint32_t first, unsigned verdict)
{
	if (c->n_ranges == 0 || c->range[c->n_ranges - 1].verdict != verdict)
		c->range[c->n_ranges++] = (struct range){ first, verdict };
}

static int find_ranges(struct compiler *c, uint32_t base)
{
	unsigned verdict, beyond = add_verdict(c, &(struct verdict){ .action = c->p->faithful ? c->p->beyond : ENOSYS_ACTION });
	struct verdict v;
	size_t i = 0;

	for (unsigned nr = 0; nr <= c->p->newest; nr++) {
		if (judge_number(c, nr, &i, &v) < 0)
			return -1;
		verdict = add_verdict(c, &v);
		if (verdict == VERDICTS_MAX)
			return err_set(c->e, ERR_POLICY, 0, NULL, "more different argument checks than are handled");
		add_range(c, base + nr, verdict);
	}
	add_range(c, base + c->p->newest + 1, beyond);
#ifdef __x86_64__
	/* x32 is another ABI under the same AUDIT_ARCH. -1 is no call of any ABI, but what a tracer writes to skip one. */
	if (c->p == c->native && !c->p->other[FILTER_X32])
		add_range(c, CALL_X32, add_verdict(c, &(struct verdict){ .action = SECCOMP_RET_KILL_PROCESS }));
	add_range(c, UINT32_MAX, add_verdict(c, &(struct verdict){ .action = ENOSYS_ACTION }));
#endif
	return 0;
}

/* --- the program --- */

static unsigned verdict_code(struct compiler *c, struct verdict *v)
{
	if (!v->n_rules && !v->once)
		return code_ret(c->code, v->action);
	if (!v->emitted) {
		v->label = v->once ? code_once(c->code, v->once) :
			   code_rules(c->code, c->p->conds, v->rules, v->n_rules, v->action);
		v->emitted = true;
	}
	return v->label;
}

static unsigned tree(struct compiler *c, size_t from, size_t to)
{
	const struct range *r = &c->range[from];
	size_t middle = from + (to - from) / 2;
	unsigned below, above;

	if (to - from == 1)
		return verdict_code(c, &c->verdict[r->verdict]);
	/* A single number that differs from its surroundings takes one comparison, not two. */
	if (to - from == 3 && r[0].verdict == r[2].verdict && r[2].first - r[1].first == 1) {
		below = verdict_code(c, &c->verdict[r[0].verdict]);
		above = verdict_code(c, &c->verdict[r[1].verdict]);
		return code_jump(c->code, BPF_JEQ, r[1].first, above, below);
	}
	above = tree(c, middle, to);
	below = tree(c, from, middle);
	return code_jump(c->code, BPF_JGE, c->range[middle].first, above, below);
}

/* The label of what decides on the numbers of one ABI. */
static int abi_code(const struct filter_profile *p, const struct filter_profile *native, const struct filter_wish *w, uint32_t base,
		    struct code *code, unsigned *label, struct err *e)
{
	/* On the stack and not cleared: most of it is room that is never touched. */
	struct compiler c;

	c.p = p;
	c.native = native;
	c.w = w;
	c.e = e;
	c.code = code;
	c.n_verdicts = c.n_leaf_rules = c.n_ranges = 0;
	if (find_ranges(&c, base) < 0)
		return -1;
	*label = tree(&c, 0, c.n_ranges);
	return 0;
}

static unsigned load_field(struct code *code, size_t offset, unsigned next)
{
	return code_then(code, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, next);
}

static int program(const struct filter_profile *p, const struct filter_wish *w, struct code *code, struct err *e)
{
	const struct filter_profile *i386 = p->other[FILTER_I386], *x32 = p->other[FILTER_X32];
	unsigned elsewhere = code_ret(code, SECCOMP_RET_KILL_PROCESS), numbers, high;

	if (i386) {
		if (abi_code(i386, p, w, 0, code, &numbers, e) < 0)
			return -1;
		elsewhere = code_jump(code, BPF_JEQ, AUDIT_ARCH_I386, load_field(code, offsetof(struct seccomp_data, nr), numbers),
				      code_ret(code, SECCOMP_RET_KILL_PROCESS));
	}
	if (x32 && abi_code(x32, p, w, CALL_X32, code, &high, e) < 0)
		return -1;
	if (abi_code(p, p, w, 0, code, &numbers, e) < 0)
		return -1;
	if (x32)
		numbers = code_jump(code, BPF_JGE, CALL_X32, high, numbers);
	numbers = load_field(code, offsetof(struct seccomp_data, nr), numbers);
	load_field(code, offsetof(struct seccomp_data, arch), code_jump(code, BPF_JEQ, CALL_ARCH, numbers, elsewhere));
	return 0;
}

static int take(const struct code *code, struct arena *a, struct sock_fprog *out, struct err *e)
{
	struct sock_filter *copy = arena_alloc(a, code->n * sizeof(*copy));

	if (code_overflow(code))
		return err_set(e, ERR_POLICY, 0, "fewer argument rules", "the filter is longer than the kernel's %d instructions",
			       BPF_MAXINSNS);
	if (!copy)
		return err_set(e, ERR_HOST, ENOMEM, NULL, "cannot hold the seccomp filter");
	memcpy(copy, code_start(code), code->n * sizeof(*copy));
	*out = (struct sock_fprog){ .len = (unsigned short)code->n, .filter = copy };
	return 0;
}

int filter_compile(const struct filter_profile *p, const struct filter_wish *w, struct arena *a, struct sock_fprog *out,
		   struct err *e)
{
	struct code code;

	if (w->deny != DENY_ERRNO && permits(p->default_action))
		return err_set(e, ERR_POLICY, 0, "leave seccomp.deny out, or use a profile that denies by default",
			       "the profile denies nothing by default, so there is nothing to apply \"deny\" to");
	code.n_returned = 0;
	code.n = 0;
	return program(p, w, &code, e) < 0 ? -1 : take(&code, a, out, e);
}

static int by_number(const void *a, const void *b)
{
	return ((const struct filter_rule *)a)->nr - ((const struct filter_rule *)b)->nr;
}

int filter_allowlist(const uint16_t *calls, size_t n, uint32_t otherwise, struct arena *a, struct sock_fprog *out,
		     struct err *e)
{
	struct filter_rule *rules = arena_alloc(a, n * sizeof(*rules));
	const struct filter_profile p = { .default_action = otherwise, .newest = CALL_MAX - 1, .rules = rules, .n_rules = n };
	const struct filter_wish w = { .deny = DENY_ERRNO };

	if (!rules)
		return err_set(e, ERR_HOST, ENOMEM, NULL, "cannot hold a seccomp filter");
	for (size_t i = 0; i < n; i++)
		rules[i] = (struct filter_rule){ .action = SECCOMP_RET_ALLOW, .nr = calls[i] };
	qsort(rules, n, sizeof(*rules), by_number);
	return filter_compile(&p, &w, a, out, e);
}

bool filter_allows(const struct filter_profile *p, const struct filter_wish *w, unsigned nr)
{
	for (size_t i = 0; i < p->n_rules; i++)
		if (p->rules[i].nr == nr && rule_applies(&p->rules[i], w)) {
			if (permits(p->rules[i].action))
				return true;
			if (!p->rules[i].n_cond)
				return false;
		}
	return permits(default_action(p, w));
}
