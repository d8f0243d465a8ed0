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

/* Code that wants a word of the arguments loaded. The load itself is only emitted for whoever comes without. */
struct entry {
	int word;		/* NO_WORD: none is wanted */
	unsigned loaded;	/* where to come in with the word */
	unsigned label;		/* where to come in without it; NOT_YET */
};

enum { NOT_YET = -1 };

static struct entry entry(int word, unsigned loaded)
{
	return (struct entry){ word, loaded, word == NO_WORD ? loaded : (unsigned)NOT_YET };
}

/* seccomp hands the arguments over in the machine's byte order; every CALL_ARCH is little-endian. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the halves of an argument are the other way round");

static unsigned load(struct code *c, int word, unsigned next)
{
	return code_then(c, BPF_LD | BPF_W | BPF_ABS, (uint32_t)(offsetof(struct seccomp_data, args) + (size_t)word * 4), next);
}

/* The way in for code that has `word` loaded. */
static unsigned enter(struct code *c, struct entry *to, int word)
{
	if (to->word == word)
		return to->loaded;
	if (to->label == (unsigned)NOT_YET)
		to->label = load(c, to->word, to->loaded);
	return to->label;
}

/* A comparison of one word, which it leaves in place. */
static struct entry compare(struct code *c, int word, unsigned op, uint32_t k, struct entry *yes, struct entry *no)
{
	unsigned y = enter(c, yes, word), n = enter(c, no, word);

	return entry(word, code_jump(c, op, k, y, n));
}

static int word_of(const struct filter_cond *cond, int half)
{
	return cond->index * 2 + half;
}

static struct entry masked(struct code *c, int word, uint32_t mask, uint32_t value, struct entry *yes, struct entry *no)
{
	unsigned y, n;

	if (mask == UINT32_MAX)
		return compare(c, word, BPF_JEQ, value, yes, no);
	if (value == 0)
		return compare(c, word, BPF_JSET, mask, no, yes);
	if (value == mask && !(mask & (mask - 1)))
		return compare(c, word, BPF_JSET, mask, yes, no);
	y = enter(c, yes, NO_WORD);	/* AND destroys the word */
	n = enter(c, no, NO_WORD);
	return entry(word, code_then(c, BPF_ALU | BPF_AND | BPF_K, mask, code_jump(c, BPF_JEQ, value, y, n)));
}

static struct entry masked_eq(struct code *c, const struct filter_cond *cond, uint64_t mask, struct entry *yes, struct entry *no)
{
	const uint32_t low = (uint32_t)mask, high = (uint32_t)(mask >> 32);
	struct entry lows = low ? masked(c, word_of(cond, LOW), low, (uint32_t)cond->value, yes, no) : *yes;

	return high ? masked(c, word_of(cond, HIGH), high, (uint32_t)(cond->value >> 32), &lows, no) : lows;
}

/* argument >= value (op JGE) or > value (JGT): the high halves decide, unless they are equal. */
static struct entry greater(struct code *c, const struct filter_cond *cond, unsigned op, struct entry *yes, struct entry *no)
{
	const uint32_t low = (uint32_t)cond->value, high = (uint32_t)(cond->value >> 32);
	struct entry equal = compare(c, word_of(cond, LOW), op, low, yes, no);

	if (high)	/* what is not greater than 0 is equal */
		equal = compare(c, word_of(cond, HIGH), BPF_JEQ, high, &equal, no);
	return compare(c, word_of(cond, HIGH), BPF_JGT, high, yes, &equal);
}

static struct entry condition(struct code *c, const struct filter_cond *cond, struct entry *yes, struct entry *no)
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
	struct entry no = entry(NO_WORD, code_ret(c, otherwise));

	while (n-- > 0) {
		struct entry yes = entry(NO_WORD, code_ret(c, rules[n]->action));

		for (size_t k = rules[n]->n_cond; k-- > 0;)
			yes = condition(c, &conds[rules[n]->cond + k], &yes, &no);
		no = yes;
	}
	return enter(c, &no, NO_WORD);
}

unsigned code_once(struct code *c, const struct filter_once *once)
{
	const uint64_t want[] = { once->argv, once->envp };	/* arguments 1 and 2 */
	unsigned next = code_jump(c, BPF_JEQ, 0, code_ret(c, SECCOMP_RET_ALLOW), code_ret(c, SECCOMP_RET_ERRNO | EPERM));

	for (int word = 2; word < 6; word++) {
		next = code_then(c, BPF_ALU | BPF_OR | BPF_X, 0, next);
		next = code_then(c, BPF_ALU | BPF_XOR | BPF_K, (uint32_t)(want[word / 2 - 1] >> word % 2 * 32), next);
		next = load(c, word, next);
		next = code_then(c, BPF_MISC | BPF_TAX, 0, next);
	}
	return code_then(c, BPF_LD | BPF_IMM, 0, next);
}
