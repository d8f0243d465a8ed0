/* state.h - what is known on disk of a container: RUNDIR/NAME with a lock, the policy as it was given and the launch record.
 * RUNDIR is /run/casemate for root, $XDG_RUNTIME_DIR/casemate for everybody else.
 *
 * The supervisor holds the lock for as long as it lives, whatever kills it, so that the lock says whether the container runs.
 * The lock file is empty until it ends, and then holds the exit record: who has it open learns how it ended even though the
 * directory is gone by then. A directory stays behind where somebody wants to read that later, or where the supervisor was
 * killed, and then its lock file is empty. */
#pragma once

#include "../base/err.h"
#include <stdbool.h>

struct state {
	int base, dir, lock;	/* descriptors, -1 when not open */
	char name[256];
};

#define STATE_NONE { .base = -1, .dir = -1, .lock = -1 }

enum state_phase {
	STATE_RUNNING,
	STATE_ENDED,	/* with an exit record */
	STATE_LOST,	/* its supervisor was killed; the next launch, or `casemate rm`, removes what is left */
};

/* The directory that holds them all; it must be ours, and nobody else may write there. -1 and *e. */
must_check int state_open_base(const char *path, bool create, struct err *e);
/* Removes what killed supervisors left behind, once gone() says that nothing else of that name is left. */
void state_sweep(bool (*gone)(const char *name));
/* Makes and locks the directory of a new container; a name in use is an error. */
must_check int state_create(struct state *, const char *name, struct err *e);
/* Calls back with each name until one is taken; true if one was. */
bool state_each(bool (*take)(const char *name, void *ctx), void *ctx);
/* Opens one for reading, in whatever phase it is. */
must_check int state_find(struct state *, const char *name, enum state_phase *, struct err *e);
/* The same of a running one; one whose supervisor is gone is not running. */
must_check int state_open(struct state *, const char *name, struct err *e);
/* Looks again; an error counts as STATE_LOST. */
enum state_phase state_phase(const struct state *);
/* The exit record of one that has ended; malloc'd, the caller's. */
must_check int state_read_exit(const struct state *, char **text, struct err *e);
/* A socket of the directory's, SOCK_SEQPACKET: one that listens (flags: SOCK_NONBLOCK or 0); and one connected to it, or -errno. */
must_check int state_listen(const struct state *, const char *name, int flags, struct err *e);
must_check int state_connect(const struct state *, const char *name);
/* Replaces a file in one step. */
must_check int state_write(const struct state *, const char *file, const char *text, size_t len, struct err *e);
/* Reads one; malloc'd, the caller's. */
must_check int state_read(const struct state *, const char *file, char **text, struct err *e);
/* Writes the exit record; the directory stays if state_close() follows, not state_remove(). */
must_check int state_end(const struct state *, const char *text, struct err *e);
/* 0; -EWOULDBLOCK: somebody has it; -ENOENT: whoever had it has removed the directory, and the name may be another's. */
must_check int state_take_lock(int lock);
/* Removes the directory, for who holds its lock. -ENOTEMPTY: it is somebody else's by now, or there are files in it that are not ours. */
int state_remove_files(int base, int dir, const char *name);
/* Does that (only the creator may), closes everything. */
void state_remove(struct state *);
/* Removes that of one that has ended; gone() as above. */
must_check int state_bury(const char *name, bool (*gone)(const char *name), struct err *e);
void state_close(struct state *);
