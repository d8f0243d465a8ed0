/* read_files.h - reading a log's files, step by step: so that a test can do anything to them between two steps. */
#pragma once

#include "../base/sys.h"
#include "read.h"

struct log_seen { char id[LOG_ID_LEN + 1]; uint64_t seq; };
struct log_reading { int fd; off_t at; };	/* at: the end of its last whole line */

struct log_files {
	const struct sys *sys;
	const struct log_query *query;
	struct log_out *out;
	int dir;
	char base[LOG_NAME_MAX + 8], *line;
	int found[LOG_FILES_MAX];	/* files newer than the one that is read, newest first */
	unsigned n;
	struct log_reading reading;
	bool torn;			/* it ends with something that is no line */
	struct log_seen seen[2];
	bool counting;			/* not printing */
	uint64_t count, skip;		/* lines that were counted; that are before the tail */
};

/* Prints all that there is by now. After any result it is to be closed. */
must_check int log_files_open(struct log_files *, const struct sys *, const struct log_query *, struct log_out *, struct err *);
/* What has come since; 1: and that was all. */
must_check int log_files_follow(struct log_files *, struct err *);
void log_files_close(struct log_files *);
