/* oci.h - linux.seccomp of a config.json to a filter, as the specification and the two common runtimes mean it.
 *
 * A policy's profile is refused where it may mean something else than it says; a config.json was made for other runtimes,
 * and has to do here what it does there:
 * - names that nobody knows, or that other architectures have, are left out;
 * - of several rules for one call an unconditional one decides, else the first whose conditions hold; two conditions on one
 *   argument of a rule are two rules (libseccomp holds one for each argument, so runc and crun split them);
 * - rules with the default action say nothing;
 * - calls beyond the newest that the config names are ENOSYS, unless the default lets calls through: programs that probe for
 *   a new call fall back (runc since 1.0.0-rc93);
 * - of the ABIs beside the machine's own those that are listed are filtered by the same rules, the others are killed. */
#pragma once

#include "profile.h"

#include <jansson.h>
#include <linux/filter.h>

struct filter_oci {
	struct sock_fprog filter;
	unsigned flags;		/* SECCOMP_FILTER_FLAG_* */
	bool notifies;		/* somebody has to hold the listener */
};

/* `seccomp` is a linux.seccomp object whose members have their types; a number above 2^63-1 is text that ends with its digits. On
 * failure *e has the JSON pointer below it. */
must_check int filter_oci(json_t *seccomp, struct arena *, struct filter_oci *ret, struct err *);

/* For `features`: the names that filter_oci() knows beside those of words.h, to be walked until NULL. */
extern const char *const filter_oci_flags[], *const filter_oci_archs[];
