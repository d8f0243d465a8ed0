/* names.h - the names of capabilities and signals.
 *
 * Tables of our own, because a policy must mean the same on every host: what the running
 * kernel knows is asked later, by the control that needs it. */
#pragma once

#include <stddef.h>

extern const char *const capability_names[];	/* upper case, without CAP_; the index is the number */
extern const size_t capability_names_len;

/* "CAP_NET_RAW", "NET_RAW", "cap_net_raw" or "net_raw"; mixed case and anything else: -1. */
int capability_number(const char *name);

struct signal_name { const char *name; int number; };	/* without SIG */
extern const struct signal_name signal_names[];		/* ends with NULL */

/* "SIGTERM", "TERM" or "SIGRTMIN+3"; -1. */
int signal_number(const char *name);
