/* err.h - one failure, fully described, in a fixed-size block.
 *
 * No heap and no pointers: the child writes it to the report socket as it is
 * (one SOCK_SEQPACKET record), the checker prints it, the JSON record holds
 * it. `kind` says whether there is an error; `sys` is only decoration, so
 * "errno 0" can never be read as success. */
#pragma once

#include <stddef.h>
#include <stdio.h>

enum err_kind {
	ERR_NONE = 0,
	ERR_USAGE,	/* the command line is wrong                exit 125 */
	ERR_POLICY,	/* the policy is wrong; fix the file        exit 125 */
	ERR_HOST,	/* this kernel or host cannot do it         exit 125 */
	ERR_LAUNCH,	/* a step failed or did not take effect     exit 125 */
	ERR_EXEC,	/* the workload cannot be executed      exit 126/127 */
};

struct err {
	enum err_kind kind;
	int sys;		/* errno, or 0 when no system call is to blame */
	int line, column;	/* place in the policy text, 1-based; 0: none */
	char step[32];		/* "caps.bound"; filled by whoever walks the rows */
	char path[96];		/* JSON pointer into the policy, or "" */
	char msg[192];		/* begins in lower case, no full stop */
	char hint[160];		/* what to do next, or "" */
};

/* SOCK_SEQPACKET keeps records whole; the bound keeps them small anyway. */
_Static_assert(sizeof(struct err) <= 512, "must fit one small record");

#define must_check __attribute__((warn_unused_result))

/* Fills *e and returns -1, so that a caller can write `return err_set(...)`.
 * `sys` is an errno, positive or negative (the sys_ calls return -errno), or 0.
 * step, path, line and column are kept: whoever knows them sets them. */
int err_set(struct err *e, enum err_kind kind, int sys, const char *hint,
	    const char *fmt, ...) __attribute__((format(printf, 5, 6), cold));

/* Names the policy key (a JSON pointer) an error belongs to; keeps an earlier name. Returns -1. */
int err_at(struct err *e, const char *pointer_fmt, ...) __attribute__((format(printf, 2, 3), cold));

/* Names the step; keeps an earlier (more precise) name. Returns -1. */
int err_step(struct err *e, const char *step);

/* What another process said of its own failure. Returns -1. */
int err_take(struct err *e, const struct err *said);

/* docker's contract: 125 ours, 126 cannot be executed, 127 not found. */
int err_exit_code(const struct err *e);

/* "STEP: PATH: MSG: strerror", control characters escaped, without an end of line.
 * `file` (may be NULL) is the policy's name, put before it with line and column. */
void err_write(const struct err *e, const char *file, FILE *out);

/* "casemate: STEP: PATH: MSG: strerror" and the hint, on stderr. */
void err_print(const struct err *e, const char *file);
