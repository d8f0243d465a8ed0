/* path.h - whether one absolute path lies in another, by name. Paths of a policy have no "." and no "..". */
#pragma once

#include <stdbool.h>

/* Whether path is tree, or below it; everything is below "/". */
bool path_below(const char *path, const char *tree);
/* The same for any of the trees; the list ends with NULL. */
bool path_below_any(const char *path, const char *const *trees);
