/* unit.h - asking systemd: through casemate-unit, a program of its own, so that neither the launcher nor a static one is linked
 * with libsystemd. It is started when it is needed, and knows nothing of us. */
#pragma once

#include "../controls/control.h"

#include <sys/types.h>

enum { UNIT_WORDS_MAX = 320 };

/* Whether systemd is the init of this host, and we live in its world: sd_booted(3), and the namespaces of PID 1, or the unit
 * would see other files and another network than we do. */
bool unit_possible(void);
/* Whether it is the user's own manager that is asked: whoever is not root of the host has no other. */
bool unit_of_user(void);

/* Starts it with these words behind --user (NULL-terminated) and hears its answer: the one line it prints, or an empty one. -1 and *e
 * when that was a failure. With `stay` it goes on until unit_leave(); else it has ended. */
must_check int unit_ask(struct unit_helper *, const struct sys *, const char *const words[], bool stay, char *line, size_t size, struct err *);
void unit_leave(struct unit_helper *);

/* Stops a unit; one that is gone is fine. */
must_check int unit_stop(const struct sys *, const char *unit, struct err *);
/* The limits of a plan as properties of a unit that is there. */
must_check int unit_set_limits(const struct sys *, const char *unit, const struct plan *, struct err *);

/* Rows of the launch: a scope of the plan's name, and its cgroup in l->cgroup_path. The helper holds it until the container is
 * in it. */
must_check int unit_scope(struct launch *, struct err *);
must_check int unit_scope_leave(struct launch *, struct err *);
