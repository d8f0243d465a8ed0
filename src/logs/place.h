/* place.h - where a container's log is: the directory of its files, or the socket that takes its lines; and as whom the driver
 * goes there. */
#pragma once

#include "../base/sys.h"
#include "log.h"

#include <limits.h>

#define LOG_USER "casemate-log"		/* of sysusers.d; where the host has it */

struct log_place { int fd; uid_t uid; gid_t gid; char dir[PATH_MAX]; };

/* The usual directory of a container's name: /var/log/casemate/NAME, for others than root in $XDG_STATE_HOME. */
must_check int log_usual_dir(const char *name, char dir[PATH_MAX], struct err *);
/* The directory that a policy names must be there; the usual one is made. With `findable` the way from the container's name to
 * another directory is kept, for when it has ended; not for names that are made up for one launch. */
must_check int log_place_open(struct log_place *, const struct sys *, const struct log_policy *, const char *name, bool findable, struct err *);
/* The ids that a driver has where no directory says otherwise. */
void log_user(uid_t *uid, gid_t *gid);
