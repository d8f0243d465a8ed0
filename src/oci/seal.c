/* seal.c - see seal.h.
 *
 * Until it executes the container's program the process in there is this program, and /proc/PID/exe of it leads root inside to the
 * file outside (CVE-2019-5736). A mount that is read-only for ever is in the way of writing to it, whoever may do so: a detached copy
 * of the mount, so that there is nothing to remount, nor to be cleaned up. It costs three calls and an execve; a copy of the
 * whole program, as others have it, would cost its size in memory each time. */
#include "seal.h"
#include "../base/cleanup.h"
#include "../base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

static bool is_sealed(void)
{
	_auto(close_fd) int self = sys_open(&sys_kernel, AT_FDCWD, "/proc/self/exe", O_PATH);
	struct statfs fs = { 0 };

	return self >= 0 && sys_fstatfs(&sys_kernel, self, &fs) >= 0 && fs.f_flags & ST_RDONLY;
}

int seal_program(char **argv, struct err *e)
{
	const struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID };
	_auto(close_fd) int tree = -1;
	char path[32], own[PATH_MAX], *given = argv[0];
	ssize_t n;
	int r;

	if (is_sealed())
		return 0;
	/* The kernel forgets where it lies, and helper.h asks argv for it. */
	n = readlink("/proc/self/exe", own, sizeof(own) - 1);
	if (n > 0) {
		own[n] = '\0';
		argv[0] = own;
	}
	tree = r = sys_open_tree(&sys_kernel, AT_FDCWD, "/proc/self/exe", OPEN_TREE_CLONE);
	if (r >= 0)
		r = sys_mount_setattr(&sys_kernel, tree, 0, &attr);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", tree);
	if (r >= 0)
		r = sys_execve(&sys_kernel, path, (const char *const *)argv, (const char *const *)environ);
	argv[0] = given;
	return err_set(e, ERR_HOST, r, "is /proc mounted, and is it started by root with all capabilities?", "cannot go on from a read-only mount of ourselves");
}
