/* cgroup2.h - the host's cgroup v2 tree: where it is mounted, where a process lives in it, and
 * beneath which directory a launch may make a cgroup. It knows names and rights, no limits. */
#pragma once

#include "err.h"
#include "sys.h"
#include <stdbool.h>

/* Where every other process of a delegated cgroup goes: a cgroup whose children have controllers
 * must hold no process itself (cgroups(7), "no internal processes" rule). One for all launches:
 * whatever a launcher starts next is born there. systemd 254's DelegateSubgroup= may name it. */
#define CGROUP2_SUPERVISOR "casemate-supervisor"

enum { CGROUP2_PATH_MAX = 1024 };

enum cgroup2_situation {
	CGROUP2_NONE,		/* nothing can be limited here */
	CGROUP2_DELEGATED,	/* our own cgroup is ours to divide: a unit or scope with Delegate=, a user's own tree */
	CGROUP2_ROOT,		/* root, and the tree may be written: "casemate" at its top */
};

struct cgroup2_place {
	enum cgroup2_situation situation;
	char path[CGROUP2_PATH_MAX];	/* of the directory, below the mount: "" is its root */
	int dir;			/* O_DIRECTORY, readable */
	bool root;			/* the one cgroup that may hold processes as well */
	char controllers[256];		/* what may be enabled for its children */
	char above[256];		/* the same of the mount's root: what the kernel has in v2 */
};

/* The root of the mount, O_PATH, or -ENOENT. */
must_check int cgroup2_mount(const struct sys *);

/* The path of a process in the v2 tree, from the text of its /proc/PID/cgroup, which it cuts;
 * NULL when the text has none. */
char *cgroup2_path(char *proc_cgroup);

/* The cgroup of a process, given its /proc/PID directory: O_DIRECTORY, and its path. -errno. */
must_check int cgroup2_open_of(const struct sys *, int proc, char path[CGROUP2_PATH_MAX]);

/* Whether we live in that cgroup, or below it; what cannot be told is. Limits for it would be limits for us. */
bool cgroup2_holds_us(const struct sys *, const char *path);

/* Which situation this is, and the directory that goes with it. Looks, and changes nothing.
 * CGROUP2_NONE is an error that says what would help. */
must_check int cgroup2_find(const struct sys *, bool root, struct cgroup2_place *ret, struct err *e);

/* Moves what lives in the directory itself into CGROUP2_SUPERVISOR below it. */
must_check int cgroup2_evacuate(const struct sys *, int dir, struct err *e);

/* NULL: the controller may be enabled at this place; else why not: "in use by cgroup v1" ... */
const char *cgroup2_missing(const struct sys *, const struct cgroup2_place *, const char *controller);

/* Each cgroup in a cgroup and below, the deepest first, as a name in the directory that holds it. A negative answer ends it, and is
 * what comes back. One that is removed meanwhile is no error. */
typedef int cgroup2_visit(void *ctx, const struct sys *, int dir, const char *name);
must_check int cgroup2_below(const struct sys *, int dir, cgroup2_visit *, void *ctx);

/* Removes the cgroups in it, deepest first, as far as they hold no process. */
void cgroup2_remove_below(const struct sys *, int dir);

/* Flat keyed files ("oom_kill 3"): the number behind the key, or 0. */
uint64_t cgroup2_value(const char *text, const char *key);
