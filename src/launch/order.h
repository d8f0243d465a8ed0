/* order.h - the order of a launch, as data: one table for the parent, one for the child. */
#pragma once
#include "../controls/control.h"

/* What a step needs, and what nobody has after it. order_test.c proves that no step uses what an
 * earlier one gave up, and that everything in MUST_LOSE is given up by the end. */
enum power {
	P_HOST_TREE = 1 << 0,	/* the host's file system is in reach */
	P_ADMIN = 1 << 1,	/* CAP_SYS_ADMIN, NET_ADMIN, SYS_RESOURCE ... in the container's user namespace */
	P_SETPCAP = 1 << 2,	/* may shrink the bounding set and lock securebits */
	P_SETID = 1 << 3,	/* may take other ids */
	P_ROOT = 1 << 4,	/* the ids of whoever started us */
	P_EXEC_GAIN = 1 << 5,	/* setuid programs and file capabilities can raise us */
	P_FDS = 1 << 6,		/* the parent's descriptors are open */
	P_PROC = 1 << 7,	/* prctl and /proc/self are certain to answer */
	P_CALLS = 1 << 8,	/* any system call at all */
};
#define MUST_LOSE (P_HOST_TREE | P_ADMIN | P_SETPCAP | P_SETID | P_ROOT | P_EXEC_GAIN | P_FDS | P_PROC | P_CALLS)

enum { ALWAYS = -1 };		/* a step that no waiver skips */

struct step {
	const char *name;
	int (*apply)(struct launch *, struct err *);
	int control;		/* CONTROL_*: skipped when waived, and verified by that control; or ALWAYS */
	const char *checked_by;	/* who notices when it did nothing: "verify", or in words */
	unsigned uses, loses;
	bool makes;		/* makes a part of the container: skipped by who joins one that runs */
	bool asks;		/* asks the kernel or the other side and judges the answer: no part of a dry run */
};

extern const struct step parent_order[], child_order[];
extern const size_t parent_order_len, child_order_len;

/* Walks rows from top to bottom, stops at the first failure and names it. */
must_check int order_run(const struct step *rows, size_t n, struct launch *, struct err *);

/* Reads one process's controls back: those that can be seen `late` or those that cannot. */
must_check int verify_controls(struct launch *, struct target *, bool late, struct err *);
