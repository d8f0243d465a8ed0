/* limits_io.c - bytes and operations per second of the disk behind a path.
 *
 * The kernel throttles whole disks by number, so a path becomes the device of its file system, and
 * a partition its disk. Rendered as io.max prints it: written and compared as that text. */
#include "limits.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/sysmacros.h>

enum { LINE_MAX = 160 };

static int bad_path(struct err *e, size_t i, int r, const char *hint, const char *what, const char *path)
{
	err_set(e, ERR_POLICY, r, hint, "%s '%s'", what, path);
	return err_at(e, "/limits/io/%zu/path", i);
}

/* The path is the operator's own, of the host. */
int limit_disk(const struct sys *k, const struct limits_policy *l, size_t i, char disk[LIMIT_DISK], struct err *e)
{
	const char *path = l->io[i].path;
	struct statx st = { 0 };
	char name[64];
	unsigned major, minor;
	bool node;
	int r = sys_statx(k, AT_FDCWD, path, 0, STATX_TYPE, &st);

	if (r < 0)
		return bad_path(e, i, r, NULL, "cannot find", path);
	node = S_ISBLK(st.stx_mode);
	major = node ? st.stx_rdev_major : st.stx_dev_major;
	minor = node ? st.stx_rdev_minor : st.stx_dev_minor;
	if (!major)	/* tmpfs, overlay, btrfs ... have numbers that no disk has */
		return bad_path(e, i, 0, "name the disk itself, such as /dev/sda", "there is no single disk behind", path);
	snprintf(disk, LIMIT_DISK, "%u:%u", major, minor);
	snprintf(name, sizeof(name), "/sys/dev/block/%u:%u/partition", major, minor);
	r = sys_statx(k, AT_FDCWD, name, 0, 0, &st);
	if (r == -ENOENT)
		return 0;
	snprintf(name, sizeof(name), "/sys/dev/block/%u:%u/../dev", major, minor);
	if (r >= 0)
		r = limit_read(k, AT_FDCWD, name, disk, LIMIT_DISK);
	return r < 0 ? bad_path(e, i, r, NULL, "cannot find the disk that holds", path) : 0;
}

static const char *rate(char text[24], uint64_t n)
{
	snprintf(text, 24, n ? "%" PRIu64 : "max", n);
	return text;
}

static int render(const struct sys *k, const struct limits_policy *l, size_t i, char *line, struct err *e)
{
	const struct io_limit *io = &l->io[i];
	char disk[LIMIT_DISK], a[24], b[24], c[24], d[24];

	if (limit_disk(k, l, i, disk, e) < 0)
		return -1;
	snprintf(line, LINE_MAX, "%s rbps=%s wbps=%s riops=%s wiops=%s", disk, rate(a, io->rbps), rate(b, io->wbps),
		 rate(c, io->riops), rate(d, io->wiops));
	return 0;
}

int io_apply(const struct sys *k, int dir, const struct limits_policy *l, struct err *e)
{
	char line[LINE_MAX];

	for (size_t i = 0; i < l->n_io; i++) {
		int r = render(k, l, i, line, e);

		if (r < 0)
			return -1;
		r = sys_write_file(k, dir, "io.max", line);
		if (r < 0) {
			err_at(e, "/limits/io/%zu", i);
			return limit_refused(e, "/limits/io", r, "io.max", line);
		}
	}
	return 0;
}

/* Two entries for one disk overwrite each other: then the first is not found here, and that is an error. */
int io_verify(const struct sys *k, int dir, const struct limits_policy *l, char value[VALUE_MAX], struct err *e)
{
	char text[8192] = "\n", line[LINE_MAX + 1] = "\n";	/* so that a line is found by its beginning */
	int r = limit_read(k, dir, "io.max", text + 1, sizeof(text) - 1);

	if (r < 0)
		return limit_unreadable(e, "/limits/io", r, "io.max");
	for (size_t i = 0; i < l->n_io; i++) {
		const char *at;
		size_t n;

		if (render(k, l, i, line + 1, e) < 0)
			return -1;
		n = strlen(line);
		at = strstr(text, line);
		if (!at || (at[n] && at[n] != '\n')) {
			err_at(e, "/limits/io/%zu", i);
			return limit_differs(e, "/limits/io", "io.max", text + 1, line + 1);
		}
	}
	snprintf(value, VALUE_MAX, "%.*s", (int)strcspn(text + 1, "\n"), text + 1);
	return 0;
}
