/* limits_disk.c - the disk behind a path: the kernel throttles whole disks by number, so a path becomes the
 * device of its file system, and a partition its disk. */
#include "limits.h"

#include <errno.h>
#include <fcntl.h>

static int bad_path(struct err *e, const char *pointer, int r, const char *hint, const char *what, const char *path)
{
	err_set(e, ERR_POLICY, r, hint, "%s '%s'", what, path);
	return err_at(e, "%s/path", pointer);
}

/* The path is the operator's own, of the host. */
int limit_disk(const struct sys *k, const char *path, const char *pointer, char disk[LIMIT_DISK], struct err *e)
{
	struct statx st = { 0 };
	char name[64];
	unsigned major, minor;
	bool node;
	int r = sys_statx(k, AT_FDCWD, path, 0, STATX_TYPE, &st);

	if (r < 0)
		return bad_path(e, pointer, r, NULL, "cannot find", path);
	node = S_ISBLK(st.stx_mode);
	major = node ? st.stx_rdev_major : st.stx_dev_major;
	minor = node ? st.stx_rdev_minor : st.stx_dev_minor;
	if (!major)	/* tmpfs, overlay, btrfs ... have numbers that no disk has */
		return bad_path(e, pointer, 0, "name the disk itself, such as /dev/sda", "there is no single disk behind", path);
	snprintf(disk, LIMIT_DISK, "%u:%u", major, minor);
	snprintf(name, sizeof(name), "/sys/dev/block/%u:%u/partition", major, minor);
	r = sys_statx(k, AT_FDCWD, name, 0, 0, &st);
	if (r == -ENOENT)
		return 0;
	snprintf(name, sizeof(name), "/sys/dev/block/%u:%u/../dev", major, minor);
	if (r >= 0)
		r = limit_read(k, AT_FDCWD, name, disk, LIMIT_DISK);
	return r < 0 ? bad_path(e, pointer, r, NULL, "cannot find the disk that holds", path) : 0;
}
