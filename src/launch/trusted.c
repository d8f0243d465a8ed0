/* trusted.c - see trusted.h. */
#include "trusted.h"

#include "../base/cleanup.h"
#include "../base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>

static int not_trusted(struct err *e, const char *path, const char *why)
{
	return err_set(e, ERR_HOST, 0, "chown root:root, chmod go-w; or remove it, if it is not wanted", "%s %s", path, why);
}

/* The host's root as it is seen here: 0, or in a user namespace that does not have it, the overflow id (user_namespaces(7)).
 * There 0 is whoever made the namespace. */
static uid_t host_root(void)
{
	unsigned inside, outside, count, overflow;
	char text[64];

	if (sys_read_file(&sys_kernel, AT_FDCWD, "/proc/self/uid_map", text, sizeof(text)) < 0 ||
	    sscanf(text, "%u %u %u", &inside, &outside, &count) != 3 || outside == 0)
		return 0;
	if (sys_read_file(&sys_kernel, AT_FDCWD, "/proc/sys/kernel/overflowuid", text, sizeof(text)) < 0 || sscanf(text, "%u", &overflow) != 1)
		return 0;
	return overflow;
}

static int judge_owner(const struct stat *st, const char *path, struct err *e)
{
	if (st->st_uid != host_root())
		return not_trusted(e, path, "does not belong to root: whoever owns it decides what may be started");
	if (st->st_mode & (S_IWGRP | S_IWOTH))
		return not_trusted(e, path, "can be written by others than root");
	return 0;
}

/* Only root can rename what lies in a directory of root's that nobody else may write. */
static int judge_directories(const char *file, struct err *e)
{
	char path[PATH_MAX];
	struct stat st;

	snprintf(path, sizeof(path), "%s", file);
	for (char *slash; (slash = strrchr(path, '/'));) {
		const char *dir = slash == path ? "/" : path;

		*slash = '\0';
		if (lstat(dir, &st) < 0)
			return err_set(e, ERR_HOST, errno, NULL, "cannot look at %s", dir);
		if (!S_ISDIR(st.st_mode))
			return not_trusted(e, dir, "is no directory");
		if (judge_owner(&st, dir, e) < 0)
			return -1;
	}
	return 0;
}

static ssize_t read_all(int fd, char *buf, size_t size)
{
	size_t n = 0;
	ssize_t r;

	while (n < size && (r = sys_read(&sys_kernel, fd, buf + n, size - n)) != 0) {
		if (r == -EINTR)
			continue;
		if (r < 0)
			return r;
		n += (size_t)r;
	}
	return (ssize_t)n;
}

static int load(int fd, const char *path, const char *what, size_t max, char **text, size_t *len, struct err *e)
{
	ssize_t n;

	*text = malloc(max + 2);
	n = *text ? read_all(fd, *text, max + 1) : -ENOMEM;
	if (n < 0)
		return err_set(e, ERR_HOST, (int)n, NULL, "cannot read %s %s", what, path);
	(*text)[n] = '\0';
	*len = (size_t)n;
	return 1;
}

int trusted_read(const char *path, const char *what, size_t max, char **text, size_t *len, struct err *e)
{
	/* Not to be blocked by a FIFO. */
	_auto(close_fd) int fd = sys_open_exact(&sys_kernel, AT_FDCWD, path, O_RDONLY | O_NOCTTY | O_NONBLOCK);
	struct stat st;

	*text = NULL;
	if (fd == -ENOENT)
		return 0;
	if (fd < 0)
		return err_set(e, ERR_HOST, fd, fd == -ELOOP ? "no symbolic links on the way to it: put the file itself there" :
			       "it binds every launch: nothing starts while it cannot be read", "cannot open %s %s", what, path);
	if (fstat(fd, &st) < 0)
		return err_set(e, ERR_HOST, errno, NULL, "cannot look at %s", path);
	if (!S_ISREG(st.st_mode))
		return not_trusted(e, path, "is no regular file");
	if (judge_owner(&st, path, e) < 0 || judge_directories(path, e) < 0)
		return -1;
	return load(fd, path, what, max, text, len, e);
}
