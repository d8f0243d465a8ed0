/* meet.c - see meet.h. */
#include "meet.h"
#include "../base/cleanup.h"
#include "calls.h"
#include "cond.h"
#include "judge.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>

enum { TERM_CONDS = 6, TERMS_MAX = 256, RULES_MAX = 16384 };

/* Arguments with which a call is let through: all of the conditions, at most one for each argument, by index. */
struct term { size_t n; struct filter_cond cond[TERM_CONDS]; };

/* One call in one profile. */
struct allowed {
	bool log;
	uint32_t refusal;	/* what a rule without conditions answers instead; 0: none does */
	size_t n;
	struct term term[TERMS_MAX];	/* one without conditions: with any arguments */
};

uint32_t filter_otherwise(const struct filter_side *s)
{
	return s->wish->deny == DENY_KILL ? SECCOMP_RET_KILL_PROCESS : s->wish->deny == DENY_LOG ? SECCOMP_RET_LOG :
	       s->profile->default_action;
}

unsigned filter_hardness(uint32_t action)
{
	switch (action & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_KILL_PROCESS: return 4;
	case SECCOMP_RET_KILL_THREAD: return 3;
	case SECCOMP_RET_TRAP: return 2;
	case SECCOMP_RET_ERRNO: return 1;
	}
	return 0;
}

static void put_rule(const struct filter_profile *p, const struct filter_rule *r, struct term *t)
{
	t->n = 0;
	for (unsigned index = 0; index < TERM_CONDS; index++)
		for (size_t i = 0; i < r->n_cond; i++)
			if (p->conds[r->cond + i].index == index)
				t->cond[t->n++] = p->conds[r->cond + i];
}

/* A profile that lets through what it does not refuse. One refusal by one condition can be turned round; of others it is only
 * known that they take something away: `most` forgets them, and otherwise nothing is left. */
static void all_but(const struct filter_profile *p, const struct judgement *j, bool most, struct allowed *ret)
{
	static const uint8_t not[] = { [OP_EQ] = OP_NE, [OP_NE] = OP_EQ, [OP_LT] = OP_GE, [OP_GE] = OP_LT, [OP_LE] = OP_GT,
				       [OP_GT] = OP_LE };
	const struct filter_rule *refusal = NULL;
	struct term *t = &ret->term[0];
	size_t n = 0;

	for (size_t i = 0; i < j->n; i++)
		if (!filter_permits(j->rules[i]->action)) {
			refusal = j->rules[i];
			n++;
		}
	t->n = 0;
	ret->n = 1;
	if (n == 0)
		return;
	if (n == 1 && refusal->n_cond == 1 && p->conds[refusal->cond].op != OP_MASKED_EQ) {
		put_rule(p, refusal, t);
		t->cond[0].op = not[t->cond[0].op];
	} else if (n == 1 && refusal->n_cond == 0) {
		ret->refusal = refusal->action;
		ret->n = 0;
	} else {
		ret->n = most;
	}
}

/* The rules of call `nr` start at *at, if there are any. */
static int allowed(const struct filter_side *s, unsigned nr, size_t *at, bool most, struct allowed *ret, struct err *e)
{
	const struct filter_profile *p = s->profile;
	const uint32_t otherwise = filter_otherwise(s);
	struct judgement j = { .n = 0 };

	ret->n = 0;
	ret->refusal = 0;
	ret->log = false;
	if (*at < p->n_rules && p->rules[*at].nr == nr && judge_call(p, s->wish, *at, at, &j, e) < 0)
		return -1;
	if (filter_permits(otherwise)) {
		ret->log = otherwise == SECCOMP_RET_LOG;
		all_but(p, &j, most, ret);
		return 0;
	}
	for (size_t i = 0; i < j.n; i++) {
		const struct filter_rule *r = j.rules[i];

		if (filter_permits(r->action)) {
			ret->log |= r->action == SECCOMP_RET_LOG;
			put_rule(p, r, &ret->term[ret->n++]);
		} else if (r->n_cond == 0) {
			ret->refusal = r->action;
		}
	}
	return 0;
}

/* --- terms --- */

static const struct filter_cond *cond_of(const struct term *t, unsigned index)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->cond[i].index == index)
			return &t->cond[i];
	return NULL;
}

static bool term_within(const struct term *a, const struct term *b)
{
	for (size_t i = 0; i < b->n; i++) {
		const struct filter_cond *c = cond_of(a, b->cond[i].index);

		if (!c || !cond_within(c, &b->cond[i]))
			return false;
	}
	return true;
}

static bool term_meet(const struct term *a, const struct term *b, struct term *ret)
{
	ret->n = 0;
	for (unsigned index = 0; index < TERM_CONDS; index++) {
		const struct filter_cond *x = cond_of(a, index), *y = cond_of(b, index);

		if (x && y) {
			if (!cond_meet(x, y, &ret->cond[ret->n++]))
				return false;
		} else if (x || y) {
			ret->cond[ret->n++] = x ? *x : *y;
		}
	}
	return true;
}

static bool covered(const struct term *t, const struct allowed *by)
{
	for (size_t i = 0; i < by->n; i++)
		if (term_within(t, &by->term[i]))
			return true;
	return false;
}

/* --- whole profiles --- */

int filter_within(const struct filter_side *a, const struct filter_side *b, unsigned *nr, struct err *e)
{
	_auto(free_mem) struct allowed *x = malloc(2 * sizeof(*x));
	size_t at_a = 0, at_b = 0;

	if (!x)
		return err_set(e, ERR_HOST, ENOMEM, NULL, "cannot compare the seccomp profiles");
	for (*nr = 0; *nr < CALL_MAX; ++*nr) {
		if (allowed(a, *nr, &at_a, true, &x[0], e) < 0 || allowed(b, *nr, &at_b, false, &x[1], e) < 0)
			return -1;
		for (size_t i = 0; call_known(*nr) && i < x[0].n; i++)
			if (!covered(&x[0].term[i], &x[1]))
				return 0;
	}
	/* Calls that have no name yet. */
	return !filter_permits(filter_otherwise(a)) || filter_permits(filter_otherwise(b));
}

struct building {
	struct arena *arena;
	struct filter_rule *rules; size_t n_rules;
	struct filter_cond *conds; size_t n_conds;
};

static int add_rule(struct building *b, unsigned nr, uint32_t action, const struct term *t)
{
	if (b->n_rules == RULES_MAX || b->n_conds + t->n > UINT16_MAX)
		return -1;
	b->rules[b->n_rules++] = (struct filter_rule){ .action = action, .nr = (uint16_t)nr, .origin = (uint16_t)b->n_rules,
						       .cond = (uint16_t)b->n_conds, .n_cond = (uint16_t)t->n };
	memcpy(&b->conds[b->n_conds], t->cond, t->n * sizeof(*t->cond));
	b->n_conds += t->n;
	return 0;
}

/* What lies within another of the same call says nothing; of two alike the first stays. */
static void prune(struct allowed *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++) {
		bool needed = true;

		for (size_t k = 0; needed && k < c->n; k++)
			needed = k == i || !term_within(&c->term[i], &c->term[k]) || (k > i && term_within(&c->term[k], &c->term[i]));
		if (needed)
			c->term[n++] = c->term[i];
	}
	c->n = n;
}

/* Where there is no room, something is not let through that might have been. */
static void meet_term(const struct term *t, const struct allowed *by, struct allowed *both)
{
	for (size_t k = 0; k < by->n; k++) {
		if (both->n == TERMS_MAX)
			prune(both);
		if (both->n == TERMS_MAX)
			return;
		if (term_within(t, &by->term[k])) {
			both->term[both->n++] = *t;
			return;
		}
		both->n += term_meet(t, &by->term[k], &both->term[both->n]);
	}
}

static int meet_call(struct building *b, unsigned nr, const struct allowed x[2], struct allowed *both)
{
	static const struct term always;
	const uint32_t refusal = x[0].refusal ? x[0].refusal : x[1].refusal;

	both->n = 0;
	for (size_t i = 0; i < x[0].n; i++)
		meet_term(&x[0].term[i], &x[1], both);
	prune(both);
	for (size_t i = 0; i < both->n; i++)
		if (add_rule(b, nr, x[0].log || x[1].log ? SECCOMP_RET_LOG : SECCOMP_RET_ALLOW, &both->term[i]) < 0)
			return -1;
	return both->n || !refusal ? 0 : add_rule(b, nr, refusal, &always);
}

int filter_meet(const struct filter_side *a, const struct filter_side *b, struct arena *arena, struct filter_profile *ret,
		struct err *e)
{
	_auto(free_mem) struct allowed *x = malloc(3 * sizeof(*x));
	const uint32_t of_a = filter_otherwise(a), of_b = filter_otherwise(b);
	struct building made = { .arena = arena };
	size_t at_a = 0, at_b = 0;

	made.rules = arena_alloc(arena, RULES_MAX * sizeof(*made.rules));
	made.conds = arena_alloc(arena, (UINT16_MAX + 1) * sizeof(*made.conds));
	if (!x || !made.rules || !made.conds)
		return err_set(e, ERR_HOST, ENOMEM, NULL, "cannot hold the seccomp profile");
	for (unsigned nr = 0; nr < CALL_MAX; nr++) {
		if (allowed(a, nr, &at_a, false, &x[0], e) < 0 || allowed(b, nr, &at_b, false, &x[1], e) < 0)
			return -1;
		if (call_known(nr) && meet_call(&made, nr, x, &x[2]) < 0)
			return err_set(e, ERR_POLICY, 0, NULL, "the two seccomp profiles together have more rules than are handled");
	}
	*ret = (struct filter_profile){
		/* The rules that came of it say what is let through: the rest must be refused, even where both let it. */
		.default_action = filter_permits(of_a) && filter_permits(of_b) ? SECCOMP_RET_ERRNO | EPERM :
				  filter_hardness(of_b) > filter_hardness(of_a) ? of_b : of_a, .newest = call_newest(),
		.rules = made.rules, .n_rules = made.n_rules, .conds = made.conds,
	};
	return 0;
}
