/* mounts.h - the container's tree: what is mounted where, built detached by the parent, moved
 * into place by the child, read back from mountinfo. */
#pragma once
#include "control.h"

must_check int mounts_prepare(const struct policy *, struct plan *, struct arena *, struct err *);
/* parent: opens and builds every tree and every target; the child opens no path of the policy */
must_check int mounts_open(struct launch *, struct err *);
/* Of a detached tree; 0 or -errno. */
must_check int mounts_idmap(struct launch *, int tree);
/* child */
must_check int mounts_apply(struct launch *, struct err *);	/* root, then every mount but the masks */
must_check int masks_apply(struct launch *, struct err *);	/* after the last write to /proc/sys */
must_check int pivot_apply(struct launch *, struct err *);	/* the old root goes away */
