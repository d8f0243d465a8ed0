/* denial.h - what the kernel wrote about something that it refused: the audit records of seccomp, AppArmor and Landlock, as text
 * (audit(7); kernel: kernel/auditsc.c, security/apparmor/audit.c). Pure: a line in, a denial out. The names in it are the
 * workload's and are not to be believed further than that. */
#pragma once

#include "../base/err.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum denial_kind { DENIED_CALL, DENIED_APPARMOR, DENIED_LANDLOCK, DENIAL_KINDS };
extern const char *const denial_kinds[DENIAL_KINDS];

struct denial {
	enum denial_kind kind;
	uint64_t serial, ms;		/* of the audit record; ms since 1970 */
	pid_t pid;			/* the host's; 0: not told */
	uid_t uid;
	bool has_uid;
	unsigned arch, call, code;	/* DENIED_CALL; code: SECCOMP_RET_* */
	char comm[32], exe[256];
	/* what was asked for: an operation or right, on which path or capability, under which profile */
	char operation[64], object[256], mask[32], profile[128];
};

/* "...type=1326 audit(1700000000.123:45): ..."; 0, or -1: no denial. */
must_check int denial_parse(const char *line, struct denial *);

/* What would allow it, and what that would cost. */
struct denial_advice { const char *key, *how, *cost; };
struct denial_advice denial_advice(const struct denial *, const char *call);
