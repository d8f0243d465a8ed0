/* cond.c - conditions as sets of values; see cond.h. */
#include "cond.h"

#include <string.h>

bool cond_holds(const struct filter_cond *c, uint64_t v)
{
	switch ((enum filter_op)c->op) {
	case OP_EQ: return v == c->value;
	case OP_NE: return v != c->value;
	case OP_LT: return v < c->value;
	case OP_LE: return v <= c->value;
	case OP_GE: return v >= c->value;
	case OP_GT: return v > c->value;
	case OP_MASKED_EQ: break;
	}
	return (v & c->mask) == c->value;
}

size_t cond_intervals(const struct filter_cond *c, struct cond_interval v[2])
{
	const uint64_t k = c->value, end = UINT64_MAX;
	size_t n = 0;

	if (c->op == OP_EQ)
		v[n++] = (struct cond_interval){ k, k };
	if (c->op == OP_LE)
		v[n++] = (struct cond_interval){ 0, k };
	if (c->op == OP_GE)
		v[n++] = (struct cond_interval){ k, end };
	if ((c->op == OP_LT || c->op == OP_NE) && k > 0)
		v[n++] = (struct cond_interval){ 0, k - 1 };
	if ((c->op == OP_GT || c->op == OP_NE) && k < end)
		v[n++] = (struct cond_interval){ k + 1, end };
	return n;
}

bool cond_disjoint(const struct filter_cond *a, const struct filter_cond *b)
{
	struct cond_interval x[2], y[2];
	size_t n, m;

	if (a->index != b->index)
		return false;
	if (a->op == OP_MASKED_EQ && b->op == OP_MASKED_EQ)
		return (a->value ^ b->value) & a->mask & b->mask;
	if (a->op == OP_MASKED_EQ)
		return b->op == OP_EQ && (b->value & a->mask) != a->value;
	if (b->op == OP_MASKED_EQ)
		return cond_disjoint(b, a);
	n = cond_intervals(a, x);
	m = cond_intervals(b, y);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < m; k++)
			if (x[i].low <= y[k].high && y[k].low <= x[i].high)
				return false;
	return true;
}

static bool same(const struct filter_cond *a, const struct filter_cond *b)
{
	return a->index == b->index && a->op == b->op && a->value == b->value && a->mask == b->mask;
}

static bool within_intervals(const struct filter_cond *a, const struct filter_cond *b)
{
	struct cond_interval x[2], y[2];
	size_t n = cond_intervals(a, x), m = cond_intervals(b, y);

	for (size_t i = 0; i < n; i++) {
		bool covered = false;

		for (size_t k = 0; k < m; k++)
			covered |= y[k].low <= x[i].low && x[i].high <= y[k].high;
		if (!covered)
			return false;
	}
	return true;
}

bool cond_within(const struct filter_cond *a, const struct filter_cond *b)
{
	if (a->index != b->index)
		return false;
	if (same(a, b))
		return true;
	if (a->op == OP_MASKED_EQ && b->op == OP_MASKED_EQ)
		return !(b->mask & ~a->mask) && (a->value & b->mask) == b->value;
	if (a->op == OP_MASKED_EQ)
		return b->op == OP_NE && (b->value & a->mask) != a->value;
	if (b->op == OP_MASKED_EQ)
		return a->op == OP_EQ && cond_holds(b, a->value);
	return within_intervals(a, b);
}

bool cond_meet(const struct filter_cond *a, const struct filter_cond *b, struct filter_cond *ret)
{
	if (cond_disjoint(a, b))
		return false;
	if (cond_within(a, b) || cond_within(b, a)) {
		*ret = cond_within(a, b) ? *a : *b;
		return true;
	}
	if (a->op != OP_MASKED_EQ && b->op == OP_MASKED_EQ)
		return cond_meet(b, a, ret);
	if (a->op != OP_MASKED_EQ)
		return false;
	if (b->op != OP_MASKED_EQ) {	/* all of an int is compared: the one value whose upper half is clear */
		*ret = (struct filter_cond){ .value = a->value, .index = a->index, .op = OP_EQ };
		return a->mask == UINT32_MAX && cond_holds(b, a->value);
	}
	*ret = *a;
	ret->mask |= b->mask;
	ret->value |= b->value;
	return true;
}
