/* judge.c - what the rules of one call amount to: the meaning of a profile, apart from any code.
 *
 * A call gets a rule's action when all conditions of that rule hold, and the default action when no rule
 * matches. Rules of one call with one action are OR-ed. Rules with different actions are welcome as long as
 * no arguments match both: libseccomp lets an unconditional rule swallow every other one, whichever came
 * first, so "allow ioctl" with "deny ioctl of TIOCSTI" denies nothing there, and the order decides among the
 * rest. Whoever writes that means something else: it is refused, and the allowed side has to be spelled out. */
#include "judge.h"
#include "cond.h"

#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

bool rule_applies(const struct filter_rule *r, const struct filter_wish *w)
{
	return !(r->caps_all & ~w->caps) && !(r->caps_none & w->caps) && w->kernel >= r->since &&
	       (!r->until || w->kernel < r->until);
}

static bool exclusive(const struct filter_profile *p, const struct filter_rule *a, const struct filter_rule *b)
{
	for (size_t i = 0; i < a->n_cond; i++)
		for (size_t k = 0; k < b->n_cond; k++)
			if (cond_disjoint(&p->conds[a->cond + i], &p->conds[b->cond + k]))
				return true;
	return false;
}

static int by_low(const void *a, const void *b)
{
	const struct cond_interval *x = a, *y = b;

	return x->low < y->low ? -1 : x->low > y->low;
}

/* Whether rules that each look at this argument alone let every value of it through. */
static bool covers(const struct filter_profile *p, const struct judgement *j, unsigned index)
{
	struct cond_interval v[2 * CALL_RULES_MAX];
	uint64_t next = 0;
	size_t n = 0;

	for (size_t i = 0; i < j->n; i++) {
		const struct filter_cond *c = &p->conds[j->rules[i]->cond];

		if (filter_permits(j->rules[i]->action) && j->rules[i]->n_cond == 1 && c->index == index)
			n += cond_intervals(c, v + n);
	}
	if (n > 1)
		qsort(v, n, sizeof(*v), by_low);
	for (size_t i = 0; i < n && v[i].low <= next; i++) {
		if (v[i].high == UINT64_MAX)
			return true;
		if (v[i].high >= next)
			next = v[i].high + 1;
	}
	return false;
}

static int refuse(struct err *e, const struct filter_rule *r, const char *hint, const char *msg)
{
	err_set(e, ERR_POLICY, 0, hint, "%s", msg);
	return err_at(e, "/syscalls/%u", r->origin);
}

static int check_exclusive(const struct filter_profile *p, const struct judgement *j, struct err *e)
{
	for (size_t i = 1; i < j->n; i++)
		for (size_t k = 0; k < i; k++)
			if (j->rules[i]->action != j->rules[k]->action && !exclusive(p, j->rules[i], j->rules[k]))
				return refuse(e, j->rules[i], "rules of one call are OR-ed: state what is allowed, not the exceptions",
					      "a call that this rule matches also matches one with another action");
	return 0;
}

int judge_call(const struct filter_profile *p, const struct filter_wish *w, size_t first, size_t *next,
	       struct judgement *j, struct err *e)
{
	const unsigned nr = p->rules[first].nr;
	const struct filter_rule *all = NULL;
	size_t i, n = 0;

	j->n = 0;
	for (i = first; i < p->n_rules && p->rules[i].nr == nr; i++) {
		if (!rule_applies(&p->rules[i], w))
			continue;
		if (j->n == CALL_RULES_MAX)
			return refuse(e, &p->rules[i], NULL, "more rules for one system call than are handled");
		j->rules[j->n++] = &p->rules[i];
	}
	*next = i;
	if (!p->faithful && check_exclusive(p, j, e) < 0)
		return -1;
	for (i = 0; i < j->n; i++) {
		if (j->rules[i]->action == p->default_action)
			continue;
		if (!j->rules[i]->n_cond && !all)
			all = j->rules[i];
		j->rules[n++] = j->rules[i];
	}
	j->n = n;
	if (all) {
		j->rules[0] = all;
		j->n = 1;
		return 0;
	}
	for (unsigned index = 0; n > 0 && index < 6 && !p->faithful; index++)
		if (covers(p, j, index))
			return refuse(e, j->rules[0], "\"!= 38\" or \"!= 40\" is true for every value: list what is allowed instead",
				      "the argument rules of this call together let every value through");
	return 0;
}
