/* json.h - the rules that hold for one launch, as the profile that OCI runtimes read. */
#pragma once

#include "compile.h"
#include <jansson.h>

/* What filter_compile() would make of the wish, as a linux.seccomp object of the runtime specification: conditions on
 * capabilities, kernel and architecture are answered, names are resolved. NULL: *e.
 *
 * Three things it cannot say: that calls newer than the profile get ENOSYS, that other ABIs are killed (runtimes
 * do that by themselves), and exec_once; execve is allowed then. */
json_t *filter_json(const struct filter_profile *, const struct filter_wish *, struct err *);
