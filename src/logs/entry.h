/* entry.h - lines of a log as they are read back: from docker's json-file, and from what journalctl exports. The bytes are
 * whoever's who could write there: a wrong line is told, and the next one read. */
#pragma once

#include "journalctl.h"
#include "log.h"

struct log_entry {
	uint64_t time;			/* ns */
	enum log_stream stream;
	bool partial;
	const char *text;		/* without its end of line; valid until the next */
	size_t len;
	char id[LOG_ID_LEN + 1];	/* of the launch that said it, and its number there: of files; "" and 0 where they do not say */
	uint64_t seq;
	void *hold;			/* what it lies in: entry_free() */
	unsigned have;			/* of a journal's fields: entry_whole() */
};

/* "2026-11-22T04:05:06.123456789Z", with or without a fraction, and with an offset instead of the Z. */
must_check int entry_time(const char *text, uint64_t *ns);
/* One line of a file; 0, or -1 when it is none of ours. */
must_check int entry_from_json(const char *line, size_t len, struct log_entry *);
/* One field of an entry of the journal; text refers to it. */
void entry_field(struct log_entry *, const struct export_field *);
/* All fields of a line of a log were there. */
bool entry_whole(const struct log_entry *);
void entry_free(struct log_entry *);
