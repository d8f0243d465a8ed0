/* sink.h - where the driver's lines go: a file, the journal, syslog. One function for a line, one for the end of a batch;
 * what cannot be written is tried again, so that only whoever decides about it gives a line up. */
#pragma once

#include "../base/journal.h"
#include "file.h"
#include "format.h"

struct sink {
	const struct log_source *source;
	struct log_counts *counts;
	/* Called when something could not be written, and each time it still cannot: whether to try again. */
	bool (*again)(void *ctx, int error);
	void *ctx;
	void (*line)(struct sink *, const struct log_line *);
	void (*flush)(struct sink *);

	struct log_file file;
	bool rotated;			/* since somebody asked */
	size_t len, lines;		/* of what waits in text */
	uint64_t bytes;			/* of these lines */
	uint64_t seq;			/* of the last line */
	char *text;

	int socket;
	const char *path;		/* of whoever listens; by name each time: it may have been restarted */
	char host[256];
	struct journal_entry *entry;
};

must_check int sink_open(struct sink *, const struct sys *, int place, const struct log_config *);
void sink_close(struct sink *);
