/* namespaces.h - the eight namespaces: flags, id maps, and what is set inside them. */
#pragma once
#include "control.h"

/* "net" as in /proc/PID/ns, CLONE_NEWNET. */
extern const struct namespace { const char *name; uint64_t flag; } namespaces[NS_COUNT];

must_check int namespaces_prepare(const struct policy *, struct plan *, struct arena *, struct err *);	/* of all eight */

/* parent */
must_check int namespaces_note(struct launch *, struct err *);	/* whose are whose: ids of the host's */
must_check int namespaces_of(struct launch *, int proc, struct err *);	/* those of the container that is joined */
must_check int userns_enter(struct launch *, struct err *);	/* rootless: a user namespace for ourselves */
must_check int namespaces_enter(struct launch *, struct err *);	/* opens those that are to be entered, and enters what can be left again */
must_check int namespaces_leave(struct launch *, struct err *);
/* Of a user or a mount namespace there is no way back: another process enters them, and makes the container's. */
bool namespaces_need_stage(const struct launch *);
must_check int namespaces_enter_stage(struct launch *, struct err *);	/* there */
must_check int timens_set(struct launch *, struct err *);	/* offsets, before anybody lives there */
must_check int idmaps_write(struct launch *, struct err *);
/* child */
must_check int userns_root(struct launch *, struct err *);	/* uid 0, where its maps have one: what it makes belongs to that */
must_check int uts_apply(struct launch *, struct err *);
must_check int loopback_apply(struct launch *, struct err *);
must_check int sysctl_apply(struct launch *, struct err *);
must_check int userns_seal(struct launch *, struct err *);	/* no nested user namespace, ever */
must_check int userns_try(struct launch *, struct err *);	/* and trying to make one must fail */
