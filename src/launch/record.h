/* record.h - the launch and exit records, as JSON: one line each on --status-fd, and the launch
 * record in the state directory. */
#pragma once
#include "supervise.h"

#include <jansson.h>

/* What the record tells beside the launch itself. */
struct facts {
	const char *name, *policy_file;
	const struct policy_source *source;	/* its settings were laid over the file */
	char sha256[65];		/* of the file, hexadecimal */
	json_t *weakenings;		/* array of {rule, path, message} */
};

/* SHA-256 of text as hexadecimal. */
void record_sha256(const char *text, size_t len, char hex[65]);

/* A string for a record; bytes that are not UTF-8 (of a file name, of a message cut short) become "?". */
json_t *record_text(const char *);

/* malloc'd compact JSON without a newline; NULL when out of memory. */
char *record_launched(const struct launch *, const struct facts *);
char *record_exited(const struct facts *, const struct outcome *);
