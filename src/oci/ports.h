/* ports.h - the TCP ports that a network namespace lets be connected to and listened on, as nf_tables rules in it.
 *
 * A policy's network.connect and network.listen are Landlock's under the launcher, and bind a process. An engine's runtime has no
 * word for them; its network namespace can be held to them from outside. What is refused is the first packet of a
 * connection; UDP is not looked at, as Landlock does not. */
#pragma once

#include "../base/err.h"
#include "../base/sys.h"
#include "../policy/policy.h"

/* For the namespace that we are in. `name` is of the table, so that containers that share a namespace each have theirs; one of
 * that name is replaced. NULL: not restricted. */
must_check int ports_restrict(const struct sys *, const char *name, const struct numbers *connect, const struct numbers *listen, struct err *);
/* Takes the table away; none is fine. */
must_check int ports_release(const struct sys *, const char *name, struct err *);
