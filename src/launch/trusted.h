/* trusted.h - files that decide for others: nobody but root can have written them, the directories on the way included, and no
 * symbolic link led there. */
#pragma once

#include "../base/err.h"

/* 1: *text is the file, malloc'd and NUL-terminated; 0: there is none; -1 and *e: it cannot be trusted, or read. `what` is for
 * messages: "the floor". */
must_check int trusted_read(const char *path, const char *what, size_t max, char **text, size_t *len, struct err *);
