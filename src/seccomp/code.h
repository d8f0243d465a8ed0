/* code.h - BPF under construction, from its end to its beginning. A label is an instruction's distance from the end. */
#pragma once

#include "compile.h"

enum { RETURNS_MAX = 16 };

struct code {
	struct sock_filter insn[BPF_MAXINSNS];	/* filled from the back */
	unsigned n;				/* instructions so far; also the label of the next one */
	struct { uint32_t action; unsigned label; } returned[RETURNS_MAX];	/* the nearest return of each action */
	size_t n_returned;
};

/* A return of this action that the next instructions can jump to; shared by what is near. */
unsigned code_ret(struct code *, uint32_t action);
/* BPF_JEQ, JGE, JGT or JSET against k. */
unsigned code_jump(struct code *, unsigned op, uint32_t k, unsigned yes, unsigned no);
/* An instruction that falls through to `next`. */
unsigned code_then(struct code *, unsigned op, uint32_t k, unsigned next);

/* The action of the first rule whose conditions all hold, or `otherwise`. */
unsigned code_rules(struct code *, const struct filter_cond *conds, const struct filter_rule *const *rules, size_t n,
		    uint32_t otherwise);

/* The one execve() of exec_once is let through. Its two pointers are a secret, and each execve() of the workload
 * a guess at it; they are compared in a time that does not tell how much of a guess was right. */
unsigned code_once(struct code *, const struct filter_once *);

/* The first instruction of the whole program, of c->n. */
static inline const struct sock_filter *code_start(const struct code *c)
{
	return &c->insn[BPF_MAXINSNS - c->n];
}

static inline bool code_overflow(const struct code *c)
{
	return c->n == BPF_MAXINSNS;
}
