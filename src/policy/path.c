/* path.c - see path.h. */
#include "path.h"

#include <string.h>

bool path_below(const char *path, const char *tree)
{
	size_t len = strlen(tree);

	if (len == 1)
		return *path == '/';
	return strncmp(path, tree, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

bool path_below_any(const char *path, const char *const *trees)
{
	for (; *trees; trees++)
		if (path_below(path, *trees))
			return true;
	return false;
}
