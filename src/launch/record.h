/* record.h - what happened, as JSON: the launch and exit records are a line each on --status-fd, the launch record lies in the
 * state directory, and all of them are audit events (audit.h). */
#pragma once
#include "supervise.h"

#include <jansson.h>

/* What the record tells beside the launch itself. */
struct facts {
	const char *name, *policy_file, *id;
	const struct policy_source *source;	/* its settings were laid over the file */
	char sha256[65];		/* of the file, hexadecimal */
	json_t *weakenings;		/* array of {rule, path, message} */
	json_t *caller;			/* record_caller(), from before the supervisor was confined */
};

/* SHA-256 of text as hexadecimal. */
void record_sha256(const char *text, size_t len, char hex[65]);

/* A string for a record; bytes that are not UTF-8 (of a file name, of a message cut short) become "?". */
json_t *record_text(const char *);

/* Who asked: uid, gid, login, pid. A confined supervisor can no longer say it. */
json_t *record_caller(void);
/* What every event begins with: its kind, the time, the container's name, and who asked (NULL: whoever this is). Members are added
 * to it; those that there was no memory for are missing. */
json_t *record_event(const char *kind, const char *name, json_t *caller);
json_t *record_launched(const struct launch *, const struct facts *);
json_t *record_exited(const struct facts *, const struct outcome *);
/* A launch that did not happen. Its arguments are not told: they may be why. sha256 is "" as long as it is not known. */
json_t *record_refused(const char *name, const char *policy_file, const char *sha256, const struct err *why);
