/* limits.h - memory, CPU, processes and I/O, limited by the files of the launch's cgroup. */
#pragma once

#include "control.h"

/* Writes every limit of the plan into the leaf. */
must_check int limits_apply(struct launch *, struct err *);

/* Reads every one of them back, into l->value where the record wants it. */
must_check int limits_verify(struct launch *, struct err *);

/* "8:0", of the disk behind a path of the host; the pointer is to whoever named it. */
enum { LIMIT_DISK = 32 };
must_check int limit_disk(const struct sys *, const char *path, const char *pointer, char disk[LIMIT_DISK], struct err *);

/* --- one limit in one cgroup: limits_file.c --- */

enum { LIMIT_TEXT = 256 };

/* A size as the kernel prints it: whole pages, "max" for more than there can be. */
void limit_bytes(uint64_t bytes, char text[LIMIT_TEXT]);

must_check int limit_write(const struct sys *, int dir, const struct limit *, struct err *);
/* What the file says of it goes into `got`. */
must_check int limit_verify(const struct sys *, int dir, const struct limit *, char got[LIMIT_TEXT], struct err *);

/* What a file of the cgroup says, without the newline; 0 or -errno. */
must_check int limit_read(const struct sys *, int dir, const char *file, char *text, size_t size);

/* The CPUs (or nodes) of "0-3,7"; empty is none. -1: something else. */
struct cpus { uint64_t bits[8192 / 64]; };	/* NR_CPUS is 8192 at most */
must_check int cpus_parse(const char *text, struct cpus *);
/* a is not empty, and all of it in b. */
bool cpus_within(const struct cpus *a, const struct cpus *b);
