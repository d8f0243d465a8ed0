/* helper.h - where the programs are that casemate starts for what it does not do itself: beside our own executable, as in a
 * build directory, or where they are installed. Never looked for in PATH. */
#pragma once

#include "err.h"

#include <limits.h>

/* The path of "casemate-NAME"; -1 and *e when there is none. */
must_check int helper_path(const char *name, char path[PATH_MAX], struct err *);
