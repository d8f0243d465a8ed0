/* read.h - a container's log, read back: `casemate logs`. */
#pragma once

#include "entry.h"

#include <stdio.h>

struct log_query {
	const char *name, *place;	/* a directory, or "journal" */
	uint64_t since, until;		/* ns */
	uint64_t tail;			/* so many lines at the end; UINT64_MAX: all */
	bool follow, timestamps;
	unsigned files;			/* no more than so many: LOG_FILES_MAX */
	bool (*ended)(const char *name);	/* nobody writes there any more */
};

/* Prints; the exit code. */
int log_read(const struct log_query *);

/* --- its parts --- */
struct log_out {
	const struct log_query *query;
	FILE *to[2];
	bool open[2], terminal[2];
	uint64_t wrong, missing;
};
void out_init(struct log_out *, const struct log_query *);
/* If it is in the time that was asked for. */
void out_entry(struct log_out *, const struct log_entry *);
bool out_wanted(const struct log_query *, const struct log_entry *);
/* So many lines should stand here. */
void out_missing(struct log_out *, uint64_t lines);
/* By the container's state. */
bool log_ended(const char *name);

must_check int read_files(const struct log_query *, struct log_out *, struct err *);
must_check int read_journal(const struct log_query *, struct log_out *, struct err *);
