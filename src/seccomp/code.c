/* code.c - BPF instructions, emitted from the end of the program to its beginning.
 *
 * BPF jumps only forward. Emitted backwards, every target is already there and its distance known; one that is
 * too far for the 8 bits of a conditional jump gets a stepping stone. */
#include "code.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stddef.h>

/* A conditional jump spans 255 instructions, and a stepping stone may still come between. */
enum { NEAR = 254 };

static struct sock_filter *at(struct code *c, unsigned label)
{
	return &c->insn[BPF_MAXINSNS - 1 - label];
}

static unsigned emit(struct code *c, unsigned op, unsigned jt, unsigned jf, uint32_t k)
{
	if (c->n == BPF_MAXINSNS)	/* code_overflow(): the program is thrown away */
		return c->n - 1;
	*at(c, c->n) = (struct sock_filter){ (uint16_t)op, (uint8_t)jt, (uint8_t)jf, k };
	return c->n++;
}

/* A copy is no dearer than a stepping stone, and faster. */
unsigned code_ret(struct code *c, uint32_t action)
{
	size_t i;

	for (i = 0; i < c->n_returned && c->returned[i].action != action; i++)
		;
	if (i < c->n_returned && c->n - c->returned[i].label < NEAR)
		return c->returned[i].label;
	if (i == RETURNS_MAX)
		return emit(c, BPF_RET | BPF_K, 0, 0, action);
	c->returned[i].action = action;
	c->n_returned += i == c->n_returned;
	return c->returned[i].label = emit(c, BPF_RET | BPF_K, 0, 0, action);
}

/* A label for the same place that the next two instructions can jump to. */
static unsigned reach(struct code *c, unsigned label)
{
	if (c->n - label < NEAR)
		return label;
	if (at(c, label)->code == (BPF_RET | BPF_K))
		return code_ret(c, at(c, label)->k);
	return emit(c, BPF_JMP | BPF_JA, 0, 0, c->n - label - 1);
}

unsigned code_jump(struct code *c, unsigned op, uint32_t k, unsigned yes, unsigned no)
{
	if (yes == no)
		return yes;
	yes = reach(c, yes);
	no = reach(c, no);
	return emit(c, BPF_JMP | op | BPF_K, c->n - yes - 1, c->n - no - 1, k);
}

unsigned code_then(struct code *c, unsigned op, uint32_t k, unsigned next)
{
	if (next != c->n - 1)
		emit(c, BPF_JMP | BPF_JA, 0, 0, c->n - next - 1);
	return emit(c, op, 0, 0, k);
}

/* --- argument checks --- */

enum { LOW = 0, HIGH = 1, NO_WORD = -1 };

/* Code that begins by loading a word of the arguments: who has it loaded already jumps behind that. */
struct entry { unsigned label, loaded; int word; };

static int word_of(const struct filter_cond *cond, int half)
{
	return cond->index * 2 + half;
}

static unsigned enter(struct entry to, int word)
{
	return to.word == word ? to.loaded : to.label;
}

/* seccomp hands the arguments over in the machine's byte order; every CALL_ARCH is little-endian. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the halves of an argument are the other way round");

static struct entry load(struct code *c, int word, unsigned next)
{
	unsigned label = code_then(c, BPF_LD | BPF_W | BPF_ABS,
			      (uint32_t)(offsetof(struct seccomp_data, args) + (size_t)word * 4), next);

	return (struct entry){ label, next, word };
}

/* One half of a masked comparison. JSET leaves the word in place; AND does not. */
static struct entry masked(struct code *c, int word, uint32_t mask, uint32_t value, struct entry yes, struct entry no)
{
	if (mask == UINT32_MAX)
		return load(c, word, code_jump(c, BPF_JEQ, value, enter(yes, word), enter(no, word)));
	if (value == 0)
		return load(c, word, code_jump(c, BPF_JSET, mask, enter(no, word), enter(yes, word)));
	if (value == mask && !(mask & (mask - 1)))
		return load(c, word, code_jump(c, BPF_JSET, mask, enter(yes, word), enter(no, word)));
	return load(c, word, code_then(c, BPF_ALU | BPF_AND | BPF_K, mask,
				  code_jump(c, BPF_JEQ, value, yes.label, no.label)));
}

static struct entry masked_eq(struct code *c, const struct filter_cond *cond, uint64_t mask, struct entry yes, struct entry no)
{
	const uint32_t low = (uint32_t)mask, high = (uint32_t)(mask >> 32);

	if (low)
		yes = masked(c, word_of(cond, LOW), low, (uint32_t)cond->value, yes, no);
	if (high)
		yes = masked(c, word_of(cond, HIGH), high, (uint32_t)(cond->value >> 32), yes, no);
	return yes;
}

/* argument >= value (op JGE) or > value (JGT): the high halves decide, unless they are equal. */
static struct entry greater(struct code *c, const struct filter_cond *cond, unsigned op, struct entry yes, struct entry no)
{
	const uint32_t low = (uint32_t)cond->value, high = (uint32_t)(cond->value >> 32);
	const int l = word_of(cond, LOW), h = word_of(cond, HIGH);
	struct entry lows = load(c, l, code_jump(c, op, low, enter(yes, l), enter(no, l)));
	unsigned equal = code_jump(c, BPF_JEQ, high, lows.label, enter(no, h));

	return load(c, h, code_jump(c, BPF_JGT, high, enter(yes, h), equal));
}

static struct entry condition(struct code *c, const struct filter_cond *cond, struct entry yes, struct entry no)
{
	switch ((enum filter_op)cond->op) {
	case OP_EQ: return masked_eq(c, cond, UINT64_MAX, yes, no);
	case OP_NE: return masked_eq(c, cond, UINT64_MAX, no, yes);
	case OP_GE: return greater(c, cond, BPF_JGE, yes, no);
	case OP_GT: return greater(c, cond, BPF_JGT, yes, no);
	case OP_LT: return greater(c, cond, BPF_JGE, no, yes);
	case OP_LE: return greater(c, cond, BPF_JGT, no, yes);
	case OP_MASKED_EQ: break;
	}
	return masked_eq(c, cond, cond->mask, yes, no);
}

/* Rules that exclude each other or agree may be tried in any order: the profile's. */
unsigned code_rules(struct code *c, const struct filter_cond *conds, const struct filter_rule *const *rules, size_t n,
		    uint32_t otherwise)
{
	struct entry no = { code_ret(c, otherwise), 0, NO_WORD };

	while (n-- > 0) {
		struct entry yes = { code_ret(c, rules[n]->action), 0, NO_WORD };

		for (size_t k = rules[n]->n_cond; k-- > 0;)
			yes = condition(c, &conds[rules[n]->cond + k], yes, no);
		no = yes;
	}
	return no.label;
}

unsigned code_once(struct code *c, const struct filter_once *once)
{
	const uint64_t want[] = { once->argv, once->envp };	/* arguments 1 and 2 */
	unsigned next = code_jump(c, BPF_JEQ, 0, code_ret(c, SECCOMP_RET_ALLOW), code_ret(c, SECCOMP_RET_ERRNO | EPERM));

	for (int word = 2; word < 6; word++) {
		next = code_then(c, BPF_ALU | BPF_OR | BPF_X, 0, next);
		next = code_then(c, BPF_ALU | BPF_XOR | BPF_K, (uint32_t)(want[word / 2 - 1] >> word % 2 * 32), next);
		next = load(c, word, next).label;
		next = code_then(c, BPF_MISC | BPF_TAX, 0, next);
	}
	return code_then(c, BPF_LD | BPF_IMM, 0, next);
}
