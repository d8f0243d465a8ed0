/* drive.h - the driver: reads the container's standard output and error and writes its log, until both have ended. */
#pragma once

#include "../base/sys.h"
#include "log.h"

/* With the descriptors of LOG_FD_*; the exit code. */
int drive(const struct sys *);

/* drive_confine.c: nothing is left but what log lines take; `place` is the one directory, or -1. */
must_check int drive_confine(const struct sys *, const struct log_config *, int place, struct err *);
/* The last part, once all threads are there. */
must_check int drive_filter(const struct sys *, struct err *);
