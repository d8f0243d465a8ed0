/* container.h - what is known on disk of one container: ROOT/ID with a lock, its state, the config.json as it was when it
 * was created, and the socket where it waits for its start.
 *
 * Whoever changes something holds the lock. Each file is replaced in one step, and a container whose creator was killed is one
 * that has stopped: it has a directory, so it can be deleted, and its processes died with the creator. */
#pragma once

#include "../launch/state.h"

#include <jansson.h>
#include <sys/types.h>

enum oci_status { OCI_CREATING, OCI_CREATED, OCI_RUNNING, OCI_PAUSED, OCI_STOPPED };

struct oci_container {
	struct state state;	/* the directory; .lock is held or -1 */
	json_t *json;		/* state.json; NULL: not written yet */
	pid_t pid;		/* 0: none yet */
	unsigned long long since;	/* when that process started, in ticks since boot: a pid alone may be somebody else's */
};
#define OCI_CONTAINER_NONE { .state = STATE_NONE }

/* Where the containers of this user are, when --root does not say. */
must_check int oci_container_root(const char *given, char root[4096], struct err *);

must_check int oci_check_id(const char *id, struct err *);
/* Makes the directory and locks it. One that is there already is an error, whatever its status. */
must_check int oci_container_create(struct oci_container *, const char *root, const char *id, struct err *);
/* Opens one; `lock`: to change something. Its state is read, where there is one; where that cannot be read, it is open (and locked)
 * nevertheless, for who does not need it. */
must_check int oci_container_open(struct oci_container *, const char *root, const char *id, bool lock, struct err *);
/* Reads state.json. */
must_check int oci_container_load(struct oci_container *, struct err *);
/* Takes the lock of one that is open: it waits for who is at work. ENOENT in *e: it was deleted meanwhile. */
must_check int oci_container_lock(struct oci_container *, struct err *);
/* Writes state.json: `state` (of which it takes a reference), and the process when there is one. */
must_check int oci_container_save(struct oci_container *, json_t *state, pid_t pid, struct err *);
enum oci_status oci_container_status(const struct oci_container *);
const char *oci_status_name(enum oci_status);
/* The state as the specification wants it printed; a new reference, or NULL. */
json_t *oci_container_json(const struct oci_container *);
/* The "container process state" for a seccomp agent, but for the pid; to be freed, or NULL. */
char *oci_container_process_state(const struct oci_container *, const char *metadata);
/* A descriptor of its process, which is certain to be that one; -ESRCH: it has ended. */
must_check int oci_container_pidfd(const struct oci_container *);

/* Its cgroup, O_DIRECTORY, or -1 and *e: one that limits nothing may have none. */
must_check int oci_container_cgroup(const struct oci_container *, struct err *);
/* Whether it may have left processes there: its first process took all others with it if it had a pid namespace of its own, and
 * one that was never named dies with its creator. Whoever else is in there then is another container's, that has the same path. */
bool oci_container_may_leave(const struct oci_container *);
/* Where that is, from the root of the tree; NULL: there is none. */
const char *oci_container_cgroup_path(const struct oci_container *);

/* A listening socket in the directory; the container waits there. The descriptor, or -1. */
must_check int oci_container_listen(const struct oci_container *, struct err *);
/* The connection to it. */
must_check int oci_container_connect(const struct oci_container *, struct err *);
/* A file in the directory for what the container's process has to say of its failure (launch/failure.h). The descriptor, or -1. */
must_check int oci_container_failure(const struct oci_container *, struct err *);
/* 0: it said nothing there; else -1 and *e. */
must_check int oci_container_failed(const struct oci_container *, struct err *);
/* It has been started: nobody waits there any more. */
void oci_container_started(const struct oci_container *);

/* Removes the directory, closes everything. -1 and *e: something is in the way. */
must_check int oci_container_remove(struct oci_container *, struct err *);
void oci_container_close(struct oci_container *);

/* Calls back with each id, in no order. Where there is no such directory there are none. */
must_check int oci_container_each(const char *root, void (*take)(void *ctx, const char *id), void *ctx, struct err *);
