/* limits.h - memory, CPU, processes and I/O, limited by the files of the launch's cgroup. */
#pragma once

#include "control.h"

/* Writes every limit of the plan that is not waived into the leaf. */
must_check int limits_apply(struct launch *, struct err *);

/* Reads every one of them back, into l->value where the record wants it. */
must_check int limits_verify(struct launch *, struct err *);

/* --- between limits.c and its parts --- */

/* What a file of the cgroup says, without the newline; 0 or -errno. */
must_check int limit_read(const struct sys *, int dir, const char *file, char *text, size_t size);

/* The three ways in which a limit fails; each returns -1. */
int limit_refused(struct err *, const char *pointer, int r, const char *file, const char *text);
int limit_unreadable(struct err *, const char *pointer, int r, const char *file);
int limit_differs(struct err *, const char *pointer, const char *file, const char *got, const char *want);

/* limits_cpuset.c: the CPUs of "0-3,7"; empty is none. -1: something else. */
struct cpus { uint64_t bits[8192 / 64]; };	/* NR_CPUS is 8192 at most */
must_check int cpus_parse(const char *text, struct cpus *);
must_check int cpuset_apply(const struct sys *, int dir, const struct limits_policy *, struct err *);
must_check int cpuset_verify(const struct sys *, int dir, const struct limits_policy *, char value[VALUE_MAX], struct err *);

/* limits_io.c */
must_check int io_apply(const struct sys *, int dir, const struct limits_policy *, struct err *);
must_check int io_verify(const struct sys *, int dir, const struct limits_policy *, char value[VALUE_MAX], struct err *);

enum { LIMIT_DISK = 32 };
/* "8:0", of the disk behind entry i of limits.io. */
must_check int limit_disk(const struct sys *, const struct limits_policy *, size_t i, char disk[LIMIT_DISK], struct err *);
