/* compress.c - rotated log files to gzip: see file.h.
 *
 * With zlib, which only casemate-log is linked with: a gzip program would have to be let through the driver's filter, which
 * allows no execve. Rotation may go on meanwhile, so that a file is known by its inode, and its name asked for in the end. */
#include "file.h"

#include "../base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <zlib.h>

enum { CHUNK = 32 * 1024 };

/* All of one file into another; 0 or -errno. */
static int copy(int from, int to)
{
	_auto(free_mem) char *buf = malloc(CHUNK);
	int fd = fcntl(to, F_DUPFD_CLOEXEC, 3), r = 0;
	gzFile gz = fd < 0 ? NULL : gzdopen(fd, "wb");
	ssize_t n = 0;

	if (!gz) {
		close_fd(&fd);
		return -ENOMEM;
	}
	while (buf && r == 0 && (n = read(from, buf, CHUNK)) > 0)
		r = gzwrite(gz, buf, (unsigned)n) == n ? 0 : -EIO;
	if (gzclose(gz) != Z_OK || !buf || n < 0)	/* closed in any case; a full disk may show only here */
		r = -EIO;
	return r;
}

/* Puts the compressed file where the other one is by now; gone means that it was too old. */
static int replace(struct log_file *f, const struct statx *which, const char *made)
{
	char plain[FILE_NAME_MAX], gz[FILE_NAME_MAX];
	unsigned n;
	int r;

	pthread_mutex_lock(&f->names);
	n = log_file_find(f, which);
	log_file_name(f->name, n, false, plain);
	log_file_name(f->name, n, true, gz);
	r = n ? sys_rename(f->sys, f->dir, made, gz) : sys_unlink(f->sys, f->dir, made, 0);
	if (n && r >= 0)
		r = sys_unlink(f->sys, f->dir, plain, 0);
	pthread_mutex_unlock(&f->names);
	return r;
}

static int compress_one(struct log_file *f, int from)
{
	_auto(close_fd) int to = -1;
	char made[FILE_NAME_MAX];
	struct statx st;
	int r = sys_statx(f->sys, from, "", AT_EMPTY_PATH, STATX_INO | STATX_TYPE, &st);

	snprintf(made, sizeof(made), ".%s.gz", f->name);
	if (r >= 0)
		r = sys_unlink(f->sys, f->dir, made, 0);	/* of a driver that was killed */
	if (r >= 0 || r == -ENOENT)
		r = to = sys_create(f->sys, f->dir, made, O_WRONLY, 0640);
	if (r >= 0)
		r = copy(from, to);
	if (r >= 0)
		r = sys_datasync(f->sys, to);
	if (r >= 0)
		return replace(f, &st, made);
	(void)!sys_unlink(f->sys, f->dir, made, 0);
	return r;
}

int log_file_compress(struct log_file *f)
{
	char name[FILE_NAME_MAX];
	struct statx st;
	int r = FILE_PLAIN;

	for (unsigned i = 2; i < f->max_files && (r = log_file_there(f, i, &st)) > FILE_MISSING; i++) {
		_auto(close_fd) int from = -1;

		if (r != FILE_PLAIN)
			continue;
		log_file_name(f->name, i, false, name);
		from = sys_open(f->sys, f->dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
		r = from < 0 ? from == -ENOENT ? 0 : from : compress_one(f, from);
		if (r < 0)
			return r;
	}
	return r < 0 ? r : 0;
}
