/* namespaces.h - the eight namespaces: flags, id maps, and what is set inside them. */
#pragma once
#include "control.h"

/* parent */
must_check int namespaces_note(struct launch *, struct err *);	/* whose are whose: ids of the host's */
must_check int namespaces_of(struct launch *, int proc, struct err *);	/* those of the container that is joined */
must_check int userns_enter(struct launch *, struct err *);	/* rootless: a user namespace for ourselves */
must_check int netns_enter(struct launch *, struct err *);	/* network.mode path */
must_check int netns_leave(struct launch *, struct err *);
must_check int timens_set(struct launch *, struct err *);	/* offsets, before anybody lives there */
must_check int idmaps_write(struct launch *, struct err *);
/* child */
must_check int uts_apply(struct launch *, struct err *);
must_check int loopback_apply(struct launch *, struct err *);
must_check int sysctl_apply(struct launch *, struct err *);
must_check int userns_seal(struct launch *, struct err *);	/* no nested user namespace, ever */
must_check int userns_try(struct launch *, struct err *);	/* and trying to make one must fail */
