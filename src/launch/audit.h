/* audit.h - who ran what, and when: one structured event for every launch, refusal, exec, change, signal and exit.
 *
 * An event is the JSON object of record.h, so that the record of a launch, what --status-fd prints and the audit trail cannot
 * differ. It goes to the journal as fields, and where the host's floor names a file (audit.file) to that as well: appended in
 * one write, one line each, and on the disk (fsync) before anything goes on.
 *
 * Without a floor the journal gets what it can. A floor that asks for the trail (audit.journal, audit.file) makes it a
 * condition: what cannot be written does not run. */
#pragma once

#include "../base/sys.h"

#include <jansson.h>

struct audit {
	const struct sys *sys;
	int journal;		/* a connected socket, or -1 */
	int dir;		/* of the file, O_PATH, so that a confined supervisor finds it, rotated or not; or -1 */
	char file[256];		/* its name in there */
	bool must;		/* the floor asks for it */
};

#define AUDIT_NONE { .journal = -1, .dir = -1 }

/* -1 and *e only where the floor asks for what cannot be had, or is itself unreadable. */
must_check int audit_open(struct audit *, const struct sys *, struct err *);
/* -1 and *e when it must be written and could not be; what need not be is a warning on standard error. NULL is an event that
 * there was no memory for. */
must_check int audit_write(const struct audit *, const json_t *event, struct err *);
void audit_close(struct audit *);

/* All three, for a command that is done with one event; takes the event over (also NULL). */
must_check int audit_event(json_t *event, struct err *);
