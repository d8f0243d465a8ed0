/* dryrun.h - a gate that prints every call and changes nothing. */
#pragma once
#include "../controls/control.h"

/* Prints, in order, every kernel call that a launch of this plan would make. Looks at the host (opens for
 * reading, stats) but changes nothing on it. */
must_check int dry_run(const struct plan *, struct arena *, FILE *out, struct err *);
