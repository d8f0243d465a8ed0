/* environ.c - see environ.h. */
#include "environ.h"

#include <stdlib.h>
#include <string.h>

const char *environ_get(const char *const *env, const char *name)
{
	size_t n = strlen(name);

	for (; env && *env; env++)
		if (strncmp(*env, name, n) == 0 && (*env)[n] == '=')
			return *env + n + 1;
	return NULL;
}

bool environ_number(const char *text, uint64_t max, uint64_t *ret)
{
	size_t n = strspn(text, "0123456789");

	if (n == 0 || n > 18 || text[n])
		return false;
	*ret = strtoull(text, NULL, 10);
	return *ret <= max;
}
