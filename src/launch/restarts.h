/* restarts.h - how often a name was launched lately. A supervisor knows of its own launch alone, and what comes after it is whoever's that
 * starts it again (systemd, a script): so the times stand in a file beside the states, which goes when the machine restarts. */
#pragma once
#include "../base/err.h"

#include <stdbool.h>
#include <stdint.h>

enum { RESTARTS_WITHIN = 600, RESTARTS_MAX = 100 };	/* seconds; alerts.restarts */

/* Notes a launch at `now`, in seconds since boot. *reached: with it the name has been launched again `threshold` times
 * within RESTARTS_WITHIN; the next count begins with this launch. `base` is the directory of the states, and the name is locked. */
must_check int restarts_note(int base, const char *name, uint64_t now, uint64_t threshold, bool *reached, struct err *e);
void restarts_forget(int base, const char *name);
