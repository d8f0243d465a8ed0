/* state.h - what is known on disk of a running container: RUNDIR/NAME with a lock, the policy as
 * it was given and the launch record. RUNDIR is /run/casemate for root, $XDG_RUNTIME_DIR/casemate for
 * everybody else. */
#pragma once

#include "../base/err.h"
#include <stdbool.h>

struct state {
	int base, dir, lock;	/* descriptors, -1 when not open */
	char name[128];
};

#define STATE_NONE { .base = -1, .dir = -1, .lock = -1 }

/* Removes what killed supervisors left behind, once gone() says that nothing else of that name is left. */
void state_sweep(bool (*gone)(const char *name));
/* Makes and locks the directory of a new container; a name in use is an error. */
must_check int state_create(struct state *, const char *name, struct err *e);
/* Calls back with each name until one is taken; true if one was. */
bool state_each(bool (*take)(const char *name, void *ctx), void *ctx);
/* Opens that of a running one, for reading; one whose supervisor is gone is not running. */
must_check int state_open(struct state *, const char *name, struct err *e);
/* Replaces a file in one step. */
must_check int state_write(const struct state *, const char *file, const char *text, size_t len, struct err *e);
/* Reads one; malloc'd, the caller's. */
must_check int state_read(const struct state *, const char *file, char **text, struct err *e);
/* Removes the directory (only the creator may), closes everything. */
void state_remove(struct state *);
void state_close(struct state *);
