/* procfs.h - picking values out of /proc text; pure functions over a buffer. */
#pragma once

#include "err.h"
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The text after "FIELD:" and white space in /proc/PID/status, or NULL. */
const char *proc_field(const char *status, const char *field);

/* Hexadecimal ("CapBnd"). 0, or -EIO when the field is missing or not a number. */
must_check int proc_hex(const char *status, const char *field, uint64_t *ret);

/* A whole status: of a process with as many groups as there can be, 65536 (setgroups(2)) of eleven characters. */
enum { PROC_STATUS_MAX = 1 << 20 };

/* Decimal numbers on the field's line ("Uid", "Groups"); how many, at most max, or -EIO. */
must_check int proc_numbers(const char *status, const char *field, uint64_t *ret, int max);

/* Of the text of /proc/PID/stat: whether the process lives, and when it started, in ticks since boot. One whose first thread has ended
 * while others run is a zombie by its letter, and lives. */
bool proc_stat_alive(const char *stat, unsigned long long *since);

/* One line of /proc/PID/mountinfo (proc_pid_mountinfo(5)); the strings are cut out of the line itself,
 * octal escapes undone. */
struct mount_line {
	unsigned long id, parent;
	char *root, *target, *options, *type, *source, *super;
	int shared;		/* any propagation tag: shared:N, master:N ... */
	int peer, slave, unbindable;	/* which */
};

/* Parses the line at *text, moves *text behind it. 1: a line; 0: the end; -EIO: not mountinfo. */
must_check int mount_line_next(char **text, struct mount_line *ret);

/* Whether a comma-separated list holds the word. */
int has_option(const char *list, const char *word);
