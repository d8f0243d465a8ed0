/* emulate.c - classic BPF, as far as seccomp admits it and we or libseccomp emit it; and rules without any. */
#include "emulate.h"
#include "calls.h"
#include "cond.h"
#include "judge.h"

#include <string.h>

enum {
	LOAD = BPF_LD | BPF_W | BPF_ABS, LOAD_K = BPF_LD | BPF_IMM, TO_X = BPF_MISC | BPF_TAX,
	AND_K = BPF_ALU | BPF_AND | BPF_K, XOR_K = BPF_ALU | BPF_XOR | BPF_K, OR_X = BPF_ALU | BPF_OR | BPF_X,
	RETURN = BPF_RET | BPF_K, ALWAYS = BPF_JMP | BPF_JA, EQ = BPF_JMP | BPF_JEQ | BPF_K,
	GE = BPF_JMP | BPF_JGE | BPF_K, GT = BPF_JMP | BPF_JGT | BPF_K, SET = BPF_JMP | BPF_JSET | BPF_K,
};

const char *filter_invalid(const struct sock_fprog *f)
{
	if (f->len == 0 || f->len > BPF_MAXINSNS)
		return "length";
	for (uint32_t i = 0; i < f->len; i++) {
		const struct sock_filter *s = &f->filter[i];
		const uint32_t left = f->len - i - 1u;

		switch (s->code) {
		case LOAD:
			if (s->k % 4 || s->k >= sizeof(struct seccomp_data))
				return "load outside of seccomp_data";
			break;
		case ALWAYS:
			if (s->k >= left)
				return "jump out of the program";
			break;
		case EQ: case GE: case GT: case SET:
			if (s->jt >= left || s->jf >= left)
				return "conditional jump out of the program";
			break;
		case LOAD_K: case TO_X: case AND_K: case XOR_K: case OR_X: case RETURN:
			break;
		default:
			return "unknown instruction";
		}
	}
	return f->filter[f->len - 1].code == RETURN ? NULL : "no return at the end";
}

uint32_t filter_emulate(const struct sock_fprog *f, const struct seccomp_data *data, unsigned *steps)
{
	uint32_t a = 0, x = 0, i = 0;
	unsigned n = 0;

	for (;; i++, n++) {
		const struct sock_filter *s = &f->filter[i];

		switch (s->code) {
		case LOAD: memcpy(&a, (const char *)data + s->k, sizeof(a)); break;
		case LOAD_K: a = s->k; break;
		case TO_X: x = a; break;
		case AND_K: a &= s->k; break;
		case XOR_K: a ^= s->k; break;
		case OR_X: a |= x; break;
		case ALWAYS: i += s->k; break;
		case EQ: i += a == s->k ? s->jt : s->jf; break;
		case GE: i += a >= s->k ? s->jt : s->jf; break;
		case GT: i += a > s->k ? s->jt : s->jf; break;
		case SET: i += a & s->k ? s->jt : s->jf; break;
		default:
			if (steps)
				*steps = n + 1;
			return s->k;
		}
	}
}

uint32_t filter_meaning(const struct filter_profile *p, const struct filter_wish *w, const struct seccomp_data *d)
{
	if (d->arch != CALL_ARCH)
		return SECCOMP_RET_KILL_PROCESS;
	for (size_t i = 0; i < p->n_rules; i++) {
		const struct filter_rule *r = &p->rules[i];
		bool all = r->nr == d->nr && rule_applies(r, w);

		for (size_t k = 0; all && k < r->n_cond; k++)
			all = cond_holds(&p->conds[r->cond + k], d->args[p->conds[r->cond + k].index]);
		if (all)
			return r->action;
	}
	return p->default_action;
}
