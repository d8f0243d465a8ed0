/* seal.h - whoever is root inside must not be able to overwrite this program. */
#pragma once
#include "../base/err.h"

/* Goes on from a read-only mount of our own file, unless it is on one already: execs, or returns 0; -1 and *e. */
must_check int seal_program(char **argv, struct err *);
