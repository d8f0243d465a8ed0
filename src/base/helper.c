/* helper.c - see helper.h. */
#include "helper.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

int helper_path(const char *name, char path[PATH_MAX], struct err *e)
{
	char own[PATH_MAX], *slash;
	ssize_t n = readlink("/proc/self/exe", own, sizeof(own) - 1);

	own[n > 0 ? n : 0] = '\0';
	/* "/" is the whole of a mount of this one file (oci/seal.c), which has put the path into argv before. */
	if (strcmp(own, "/") == 0 && program_invocation_name[0] == '/')
		snprintf(own, sizeof(own), "%s", program_invocation_name);
	slash = strrchr(own, '/');
	if (slash && snprintf(path, PATH_MAX, "%.*s/%s", (int)(slash - own), own, name) < PATH_MAX && access(path, X_OK) == 0)
		return 0;
	if (snprintf(path, PATH_MAX, "%s/%s", CASEMATE_LIBEXECDIR, name) < PATH_MAX && access(path, X_OK) == 0)
		return 0;
	return err_set(e, ERR_HOST, errno, "it is installed with casemate, in " CASEMATE_LIBEXECDIR, "cannot find %s", name);
}
