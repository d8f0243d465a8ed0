/* log.h - what a log consists of: lines of a container's standard output and error, each with who said it and when; and what
 * the launcher tells the driver, which is a program of its own (casemate-log).
 *
 * A program, because it outlives the launcher where that is killed, and must hold nothing of what the launcher knew: a
 * fresh address space, no privileges, one directory or one socket. */
#pragma once

#include "../policy/policy.h"

#include <stdatomic.h>

enum {
	LOG_NAME_MAX = 128, LOG_ID_LEN = 32,
	LOG_PIECE_MAX = 16 * 1024,	/* a longer line is logged in pieces, as docker's and CRI's logs are */
	LOG_FILES_MAX = 1000,		/* log.max_files */
	LOG_QUEUE_SIZE = 128 * 1024,	/* what waits for the disk; another such is under way to it */
};
_Static_assert(LOG_PIECE_MAX * 2 < LOG_QUEUE_SIZE, "some pieces must fit");

/* LOG_OURS: what casemate itself has to say in between. */
enum log_stream { LOG_STDOUT, LOG_STDERR, LOG_OURS, LOG_STREAMS };
extern const char *const log_stream_names[LOG_STREAMS];

struct log_line {
	uint64_t time;		/* ns since 1970 */
	uint32_t len;
	uint8_t stream;
	bool partial;		/* the line goes on with the next piece, or ended without an end of line */
	char text[];		/* without its "\n" */
};

#define LOG_SYSLOG_SOCKET "/dev/log"

/* Whose lines they are. */
struct log_source { char name[LOG_NAME_MAX], id[LOG_ID_LEN + 1], sha256[65]; };

/* From the launcher to the driver, as one record. */
struct log_config {
	struct log_source source;
	uint64_t driver, max_size, max_files, full;
	bool compress;
	uid_t uid; gid_t gid;	/* what the driver becomes, where the launcher is root */
};

/* The driver's descriptors. */
enum { LOG_FD_REPORT = 3, LOG_FD_OUT, LOG_FD_ERR, LOG_FD_PLACE, LOG_FD_COUNTS, LOG_FDS };

/* In memory shared with the supervisor (a sealed memfd), so that they outlive the driver. */
struct log_counts {
	_Atomic uint64_t lines, bytes;			/* written */
	_Atomic uint64_t dropped_lines, dropped_bytes;	/* log.full: drop; or given up after the end */
	_Atomic uint64_t errors, rotations;
	_Atomic int sys;				/* of the latest error; 0: it has passed */
};

/* From the driver to the supervisor: first READY or why not, then what somebody should hear of. */
enum log_word { LOG_READY, LOG_FAILED, LOG_TROUBLE, LOG_DROPPING };
struct log_report { enum log_word word; struct err why; };
