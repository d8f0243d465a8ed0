/* profile.h - a seccomp profile: docker's or OCI's JSON, read into rules with numbers.
 *
 * Conditions on capabilities and on the kernel version stay in the rules, because they are answered per launch;
 * the architecture is ours and is answered here. That way the shipped profile is a constant table,
 * made when the project is built, and a launch parses no JSON for it. */
#pragma once

#include "../base/arena.h"
#include "../base/err.h"
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>

enum { PROFILE_BYTES_MAX = 1024 * 1024 };

#define KERNEL(major, minor) ((uint16_t)((major) << 8 | (minor)))

enum filter_op { OP_EQ, OP_NE, OP_LT, OP_LE, OP_GE, OP_GT, OP_MASKED_EQ };

/* One condition on one argument, unsigned 64 bits wide. */
struct filter_cond {
	uint64_t value;
	uint64_t mask;		/* OP_MASKED_EQ: argument & mask == value, value within mask; else 0 */
	uint8_t index;		/* argument 0..5 */
	uint8_t op;		/* enum filter_op */
};

/* One call; all of its conditions must hold. Rules of one call are OR-ed. */
struct filter_rule {
	uint64_t caps_all, caps_none;	/* includes.caps: all of them; excludes.caps: none of them */
	uint32_t action;		/* SECCOMP_RET_*, with the errno */
	uint16_t nr;
	uint16_t origin;		/* "/syscalls/N" */
	uint16_t cond, n_cond;		/* profile.conds[cond ...] */
	uint16_t since, until;		/* KERNEL(): from this version on; before that one (0: no end) */
};

/* qsort(3): by number, those of one call as they were written. */
int filter_rule_order(const void *, const void *);

/* The numberings of one machine. */
enum filter_abi { FILTER_NATIVE, FILTER_I386, FILTER_X32, FILTER_ABIS };

struct filter_profile {
	uint32_t default_action;
	unsigned newest;		/* numbers above are newer than the profile: ENOSYS */
	const struct filter_rule *rules; size_t n_rules;	/* by number */
	const struct filter_cond *conds;
	/* As other runtimes read it (oci.h): no rule is refused, the first that holds decides, and a number without a name is nothing special. */
	bool faithful;
	uint32_t beyond;		/* faithful: the action for what is above `newest` */
	const struct filter_profile *other[FILTER_ABIS];	/* rules for ABIs beside our own; NULL: killed */
	bool foreign;			/* lists an ABI that this machine has beside its own; killed all the same */
};

/* Whether the call is made: LOG only writes it down. */
static inline bool filter_permits(uint32_t action)
{
	return action == SECCOMP_RET_ALLOW || action == SECCOMP_RET_LOG;
}

/* The shipped profile (profiles/seccomp/default.json). */
extern const struct filter_profile filter_default;

/* Reads JSON text. On failure *e has kind ERR_POLICY and path: the JSON pointer of the culprit within the profile. */
must_check int filter_parse(const char *text, size_t len, struct arena *, struct filter_profile *ret, struct err *e);
