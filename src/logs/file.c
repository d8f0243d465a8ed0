/* file.c - see file.h. */
#include "file.h"

#include "../base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

void log_file_name(const char *base, unsigned n, bool compressed, char to[FILE_NAME_MAX])
{
	if (n)
		snprintf(to, FILE_NAME_MAX, "%s.%u%s", base, n, compressed ? ".gz" : "");
	else
		snprintf(to, FILE_NAME_MAX, "%s", base);
}

/* Power that failed may have left half a line: the next one must not go on there. */
static int end_last_line(struct log_file *f)
{
	char last;

	if (f->size == 0 || pread(f->fd, &last, 1, (off_t)f->size - 1) != 1 || last == '\n')
		return 0;
	f->size++;
	return sys_write(f->sys, f->fd, "\n", 1);
}

static int open_current(struct log_file *f)
{
	const int flags = O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
	struct statx st;
	int fd = sys_open(f->sys, f->dir, f->name, flags), r, old = f->fd;

	if (fd == -ENOENT)
		fd = sys_create(f->sys, f->dir, f->name, flags, 0640);
	if (fd < 0)
		return fd;
	r = sys_statx(f->sys, fd, "", AT_EMPTY_PATH, STATX_TYPE | STATX_SIZE, &st);
	if (r >= 0 && !S_ISREG(st.stx_mode))
		r = -EINVAL;
	if (r < 0) {
		(void)!sys_close(f->sys, fd);
		return r;
	}
	if (old >= 0)
		(void)!sys_close(f->sys, old);
	f->fd = fd;
	f->size = st.stx_size;
	return end_last_line(f);
}

/* Those of a time when there were to be more: nothing would ever rename them. Some may be missing in between. */
static int remove_surplus(struct log_file *f)
{
	char name[FILE_NAME_MAX];
	int r;

	for (unsigned n = f->max_files; n < LOG_FILES_MAX; n++)
		for (int compressed = 0; compressed < 2; compressed++) {
			log_file_name(f->name, n, compressed, name);
			r = sys_unlink(f->sys, f->dir, name, 0);
			if (r < 0 && r != -ENOENT)
				return r;
		}
	return 0;
}

int log_file_open(struct log_file *f, const struct sys *k, int dir, const struct log_config *c)
{
	int r;

	*f = (struct log_file){ .sys = k, .dir = dir, .fd = -1, .max_size = c->max_size, .max_files = (unsigned)c->max_files };
	snprintf(f->name, sizeof(f->name), "%s.log", c->source.name);
	pthread_mutex_init(&f->names, NULL);
	r = remove_surplus(f);
	return r < 0 ? r : open_current(f);
}

int log_file_write(struct log_file *f, const char *data, size_t len, size_t *done)
{
	while (*done < len) {
		ssize_t n = sys_write_some(f->sys, f->fd, data + *done, len - *done);

		if (n <= 0)
			return n < 0 ? (int)n : -EIO;
		*done += (size_t)n;
		f->size += (uint64_t)n;
	}
	return 0;
}

void log_file_cut(struct log_file *f, size_t len)
{
	if (len && sys_truncate(f->sys, f->fd, f->size - len) >= 0)
		f->size -= len;
}

static bool same(const struct statx *a, const struct statx *b)
{
	return a->stx_ino == b->stx_ino && a->stx_dev_major == b->stx_dev_major && a->stx_dev_minor == b->stx_dev_minor;
}

static int look(const struct log_file *f, const char *name, struct statx *st)
{
	return sys_statx(f->sys, f->dir, name, AT_SYMLINK_NOFOLLOW, STATX_INO | STATX_TYPE, st);
}

int log_file_there(const struct log_file *f, unsigned n, struct statx *plain)
{
	char name[FILE_NAME_MAX];
	struct statx gz;
	int r;

	log_file_name(f->name, n, false, name);
	r = look(f, name, plain);
	if (r >= 0)
		return FILE_PLAIN;
	log_file_name(f->name, n, true, name);
	if (r == -ENOENT)
		r = look(f, name, &gz);
	return r >= 0 ? FILE_COMPRESSED : r == -ENOENT ? FILE_MISSING : r;
}

unsigned log_file_find(const struct log_file *f, const struct statx *which)
{
	struct statx st;
	int there;

	for (unsigned i = 1; i < f->max_files && (there = log_file_there(f, i, &st)) > FILE_MISSING; i++)
		if (there == FILE_PLAIN && same(&st, which))
			return i;
	return 0;
}

static int rename_one(struct log_file *f, unsigned n, bool compressed)
{
	char from[FILE_NAME_MAX], to[FILE_NAME_MAX];
	int r;

	log_file_name(f->name, n, compressed, from);
	log_file_name(f->name, n + 1, compressed, to);
	r = n + 1 >= f->max_files ? sys_unlink(f->sys, f->dir, from, 0) : sys_rename(f->sys, f->dir, from, to);
	return r == -ENOENT ? 0 : r;
}

/* Each one number up; what is over the count goes. Only as far as there are files: there may be room for many. What cannot be
 * looked at is not taken for missing, or something would be renamed over it. */
static int shift(struct log_file *f)
{
	unsigned n = 1;
	struct statx st;
	int r = 0;

	while (n < f->max_files && (r = log_file_there(f, n, &st)) > FILE_MISSING)
		n++;
	for (r = r < 0 ? r : 0; r >= 0 && --n > 0;) {
		r = rename_one(f, n, true);
		if (r >= 0)
			r = rename_one(f, n, false);
	}
	return r;
}

static int move_away(struct log_file *f)
{
	char first[FILE_NAME_MAX];
	int r = shift(f);

	log_file_name(f->name, 1, false, first);
	if (r < 0)
		return r;
	return f->max_files > 1 ? sys_rename(f->sys, f->dir, f->name, first) : sys_unlink(f->sys, f->dir, f->name, 0);
}

int log_file_rotate(struct log_file *f)
{
	struct statx ours, named;
	int r = sys_datasync(f->sys, f->fd);

	if (r >= 0)
		r = sys_statx(f->sys, f->fd, "", AT_EMPTY_PATH, STATX_INO, &ours);
	if (r < 0)
		return r;
	pthread_mutex_lock(&f->names);
	r = look(f, f->name, &named);
	/* Another file, or none, by our name: somebody else has rotated it, or we had before opening the new one failed. */
	if (r >= 0 && same(&ours, &named))
		r = move_away(f);
	if (r >= 0 || r == -ENOENT)
		r = open_current(f);
	pthread_mutex_unlock(&f->names);
	return r;
}

void log_file_close(struct log_file *f)
{
	if (f->fd >= 0) {
		(void)!sys_datasync(f->sys, f->fd);
		(void)!sys_close(f->sys, f->fd);
	}
	f->fd = -1;
}
