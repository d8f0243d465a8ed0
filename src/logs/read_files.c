/* read_files.c - a log's files from the oldest to the one being written, compressed or not, and on while it grows.
 *
 * Rotation and compression go on meanwhile, and then names mean other files. What makes this exact:
 * - Numbers only ever grow. So files are opened by their numbers upwards, and none that was there at the beginning is missed; one that
 *   moved while we looked is met twice and known again. A number without a file is a rotation that is under way, or was killed.
 * - That has seen one state of the directory if the newest file is the same before and after: only a new file makes the others older.
 * - A file is known again by its inode, which is not given to another while we have it open; compressed, by its first line, in which
 *   the launch and the line's number stand. By time it is not: whatever the driver read at once has one.
 * - A file is read to its end only after a newer one was seen: the driver opens that before it stops writing to the other, and
 *   if it cannot open it, goes on where it is.
 * - Lines are taken whole, from where the last one ended: a half may be taken back by the driver.
 * What rotation has removed by then is gone; the lines' numbers tell how much. */
#include "read_files.h"

#include "../base/cleanup.h"
#include "file.h"
#include "format.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <zlib.h>

enum { LINE_MAX_LEN = FORMAT_MAX + 64 * 1024, TRIES = 100, TRY_US = 2000, PAUSE_US = 200 * 1000 };

/* --- lines --- */

/* False: it has been printed before. `seen` has two launches, since the driver of the last may still be writing while the next begins. */
static bool is_next(struct log_files *w, const struct log_entry *e)
{
	struct log_seen *s = w->seen;
	uint64_t missing = 0;

	if (e->seq == 0)
		return true;
	if (strcmp(e->id, s[0].id) != 0) {
		struct log_seen last = s[0];

		s[0] = s[1];
		s[1] = last;
	}
	if (strcmp(e->id, s[0].id) == 0) {
		if (e->seq <= s[0].seq)
			return false;
		missing = e->seq - s[0].seq - 1;
	} else {
		missing = *s[1].id ? e->seq - 1 : 0;	/* what was before the first line of all is nobody's question */
		s[0] = (struct log_seen){ 0 };
		snprintf(s[0].id, sizeof(s[0].id), "%s", e->id);
	}
	s[0].seq = e->seq;
	if (missing && !w->skip && out_wanted(w->query, e))
		out_missing(w->out, missing);
	return true;
}

static void take(struct log_files *w, const char *line, size_t len)
{
	struct log_entry e;

	if (len == 0)
		return;
	if (entry_from_json(line, len, &e) < 0)
		w->out->wrong += !w->counting;
	else if (w->counting)
		w->count += out_wanted(w->query, &e);
	else if (is_next(w, &e) && out_wanted(w->query, &e) && (w->skip == 0 || w->skip-- == 0))
		out_entry(w->out, &e);
	entry_free(&e);
}

/* The lines that are whole; how many bytes they are. */
static size_t take_lines(struct log_files *w, size_t len)
{
	char *start = w->line, *end;

	while ((end = memchr(start, '\n', len - (size_t)(start - w->line)))) {
		take(w, start, (size_t)(end - start));
		start = end + 1;
	}
	if (start == w->line && len == LINE_MAX_LEN) {	/* none of ours is as long */
		w->out->wrong += !w->counting;
		start += len;
	}
	return (size_t)(start - w->line);
}

static bool is_compressed(int fd)
{
	unsigned char magic[2];

	return pread(fd, magic, 2, 0) == 2 && magic[0] == 0x1f && magic[1] == 0x8b;
}

static gzFile open_compressed(int fd)
{
	int mine = lseek(fd, 0, SEEK_SET) < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 3);
	gzFile in = mine < 0 ? NULL : gzdopen(mine, "rb");

	if (!in)
		close_fd(&mine);
	return in;
}

/* A compressed one is there as a whole or not at all, and does not grow. */
static bool read_compressed(struct log_files *w, int fd)
{
	gzFile in = open_compressed(fd);
	size_t have = 0, used;
	int n = in ? 0 : -1;

	while (in && (n = gzread(in, w->line + have, (unsigned)(LINE_MAX_LEN - have))) > 0) {
		have += (size_t)n;
		used = take_lines(w, have);
		have -= used;
		memmove(w->line, w->line + used, have);
	}
	if (in)
		gzclose(in);
	return n == 0 && have == 0;
}

/* On to where it ends by now. False: something is left that is no line, yet or ever. */
static bool read_on(struct log_files *w, struct log_reading *r)
{
	struct stat st;
	ssize_t n;

	if (is_compressed(r->fd)) {
		bool whole = r->at > 0 || read_compressed(w, r->fd);

		r->at = 1;
		return whole;
	}
	/* Somebody emptied it, or the driver took back what a full disk had room for only in part. */
	if (fstat(r->fd, &st) == 0 && st.st_size < r->at)
		r->at = 0;
	while ((n = pread(r->fd, w->line, LINE_MAX_LEN, r->at)) > 0) {
		size_t used = take_lines(w, (size_t)n);

		r->at += (off_t)used;
		if (used == 0)
			return false;
	}
	return n == 0;
}

/* --- files --- */

static int open_nth(const struct log_files *w, unsigned n)
{
	const int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
	char name[FILE_NAME_MAX];
	int fd;

	log_file_name(w->base, n, false, name);
	fd = sys_open(w->sys, w->dir, name, flags);
	if (fd == -ENOENT && n) {
		log_file_name(w->base, n, true, name);
		fd = sys_open(w->sys, w->dir, name, flags);
	}
	return fd;
}

static bool same_inode(int a, int b)
{
	struct stat x, y;

	return fstat(a, &x) == 0 && fstat(b, &y) == 0 && x.st_ino == y.st_ino && x.st_dev == y.st_dev;
}

/* Through a buffer of its own: few compare to more than their first kilobyte. */
static bool same_first_line(int plain, int compressed)
{
	gzFile in = open_compressed(compressed);
	char a[4096], b[sizeof(a)];
	off_t at = 0;
	bool same = in, end = false;

	while (same && !end) {
		ssize_t n = pread(plain, a, sizeof(a), at);

		same = n > 0 && gzread(in, b, (unsigned)n) == n && memcmp(a, b, (size_t)n) == 0;
		end = same && memchr(a, '\n', (size_t)n);
		at += n;
	}
	if (in)
		gzclose(in);
	return same;
}

/* Whether `found` is what `known` is, or has become. */
static bool is_again(int known, int found)
{
	return same_inode(known, found) || (!is_compressed(known) && is_compressed(found) && same_first_line(known, found));
}

static void close_found(struct log_files *w)
{
	while (w->n > 0)
		close_fd(&w->found[--w->n]);
}

/* Whether this is still the newest of all. */
static bool is_newest(const struct log_files *w, int fd)
{
	_auto(close_fd) int first = -ENOENT;

	for (unsigned i = 0; first == -ENOENT && i < w->query->files; i++)
		first = open_nth(w, i);
	return first >= 0 && same_inode(first, fd);
}

/* Opens all files, newest first, or those newer than the one that is being read. 1: all of one moment; 0: they were rotated
 * meanwhile, and the order may be wrong. */
static int find(struct log_files *w, struct err *e)
{
	for (unsigned i = 0; i < w->query->files; i++) {
		_auto(close_fd) int fd = open_nth(w, i);

		if (fd == -ENOENT)
			continue;
		if (fd < 0)
			return err_set(e, ERR_HOST, fd, fd == -EMFILE ? "ulimit -n" : NULL, "cannot open file %u of the log %s", i, w->base);
		if (w->reading.fd >= 0 && is_again(w->reading.fd, fd))
			break;
		if (w->n == 0 || !is_again(w->found[w->n - 1], fd))
			w->found[w->n++] = take_fd(&fd);
	}
	return w->n == 0 || is_newest(w, w->found[0]);
}

/* The oldest of those found is read next, and to its end. */
static void read_next(struct log_files *w)
{
	close_fd(&w->reading.fd);
	w->reading = (struct log_reading){ .fd = w->found[--w->n] };
	w->torn = !read_on(w, &w->reading);
}

static void read_found(struct log_files *w)
{
	while (w->n) {
		w->out->wrong += w->torn;	/* by a crash: nobody goes on there */
		read_next(w);
	}
}

/* Leaves those of them in which the last `tail` lines are, counted from the newest on. */
static void find_tail(struct log_files *w)
{
	unsigned n = 0;

	if (w->query->tail == UINT64_MAX)
		return;
	w->counting = true;
	while (n < w->n && (n == 0 || w->count < w->query->tail))
		(void)read_on(w, &(struct log_reading){ .fd = w->found[n++] });
	w->counting = false;
	w->skip = w->count > w->query->tail ? w->count - w->query->tail : 0;
	while (w->n > n)
		close_fd(&w->found[--w->n]);
}

int log_files_open(struct log_files *w, const struct sys *k, const struct log_query *q, struct log_out *out, struct err *e)
{
	int r = 0;

	*w = (struct log_files){ .sys = k, .query = q, .out = out, .reading.fd = -1 };
	snprintf(w->base, sizeof(w->base), "%s.log", q->name);
	w->line = malloc(LINE_MAX_LEN);
	w->dir = open(q->place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (w->dir < 0 || !w->line)
		return err_set(e, ERR_HOST, errno, "logs are read by whoever started the container", "cannot open the log directory %s", q->place);
	/* With log.max_files 1 there is none for a moment. */
	for (int left = TRIES; left && ((r = find(w, e)) == 0 || (r > 0 && w->n == 0)); left--) {
		close_found(w);
		usleep(TRY_US);
	}
	if (r < 0)
		return -1;
	if (r == 0)
		return err_set(e, ERR_HOST, EAGAIN, "raise log.max_size", "the log is rotated faster than its files can be opened");
	if (w->n == 0)
		return err_set(e, ERR_HOST, ENOENT, "its policy says where its output goes: log", "there is no log of '%s' in %s", q->name, q->place);
	find_tail(w);
	read_found(w);
	w->out->wrong += w->torn && !q->follow && q->ended(q->name);
	return 0;
}

int log_files_follow(struct log_files *w, struct err *e)
{
	bool ended = w->query->ended(w->query->name);	/* asked first: nothing is written after what is found now */
	int r = find(w, e);

	if (r < 0)
		return -1;
	w->torn = !read_on(w, &w->reading);
	if (r == 0) {		/* the next time, then: what is being read stays open */
		close_found(w);
		return 0;
	}
	read_found(w);
	w->out->wrong += w->torn && ended;
	return ended;
}

void log_files_close(struct log_files *w)
{
	close_found(w);
	close_fd(&w->reading.fd);
	close_fd(&w->dir);
	free(w->line);
}

int read_files(const struct log_query *q, struct log_out *out, struct err *e)
{
	struct log_files *w = malloc(sizeof(*w));
	uint64_t most[2];
	int r;

	if (!w)
		return err_set(e, ERR_HOST, ENOMEM, NULL, "cannot read the log");
	/* There may be a thousand files, and each must stay what it is. */
	if (sys_prlimit(&sys_kernel, RLIMIT_NOFILE, NULL, most) == 0 && most[0] < most[1])
		(void)!sys_prlimit(&sys_kernel, RLIMIT_NOFILE, (uint64_t[2]){ most[1], most[1] }, NULL);
	r = log_files_open(w, &sys_kernel, q, out, e);
	while (r == 0 && q->follow && (r = log_files_follow(w, e)) == 0) {
		fflush(stdout);
		usleep(PAUSE_US);
	}
	log_files_close(w);
	free(w);
	return r < 0 ? -1 : 0;
}
