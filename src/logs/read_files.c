/* read_files.c - a log's files from the oldest to the one being written, compressed or not, and on while it grows.
 *
 * Rotation may go on meanwhile, and then names mean other files. So all are opened first, and that is done again until the one
 * being written is still the one that was opened; files that are open stay what they are. */
#include "read.h"

#include "../base/cleanup.h"
#include "file.h"
#include "format.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

enum { LINE_MAX_LEN = FORMAT_MAX + 64 * 1024, PAUSE_US = 200 * 1000, FILES_MAX = 1000 };

struct walk {
	const struct log_query *query;
	struct log_out *out;
	int dir;
	int fd[FILES_MAX + 1];		/* [0]: the one being written when they were opened; -1: none */
	unsigned n;
	char base[LOG_NAME_MAX + 8];
	char *line;
	size_t len;			/* of a last line that is not all there */
	uint64_t skip;			/* so many lines are not in the tail */
	uint64_t count;			/* lines counted, not printed: `counting` */
	bool counting;
	uint64_t after;			/* only what is newer; what has been printed */
	uint64_t seen;			/* of the last line */
};

static void take(struct walk *w, const char *line, size_t len)
{
	struct log_entry e;

	if (len == 0)
		return;
	if (entry_from_json(line, len, &e) < 0) {
		w->out->wrong += !w->counting;
		entry_free(&e);
		return;
	}
	if (e.time > w->after && out_wanted(w->query, &e)) {
		if (w->counting)
			w->count++;
		else if (w->skip)
			w->skip--;
		else
			out_entry(w->out, &e);
	}
	if (!w->counting && e.time > w->seen)
		w->seen = e.time;
	entry_free(&e);
}

/* As far as it goes by now; a line without an end stays in w->line for the next time. */
static void take_all(struct walk *w, gzFile in)
{
	int n;

	while ((n = gzread(in, w->line + w->len, (unsigned)(LINE_MAX_LEN - w->len))) > 0) {
		char *start = w->line, *end;

		w->len += (size_t)n;
		while ((end = memchr(start, '\n', w->len - (size_t)(start - w->line)))) {
			take(w, start, (size_t)(end - start));
			start = end + 1;
		}
		w->len -= (size_t)(start - w->line);
		memmove(w->line, start, w->len);
		if (w->len == LINE_MAX_LEN) {	/* none of ours is as long */
			w->out->wrong++;
			w->len = 0;
		}
	}
}

static int open_nth(const struct walk *w, unsigned n)
{
	char name[FILE_NAME_MAX];
	int fd;

	log_file_name(w->base, n, false, name);
	fd = openat(w->dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT && n) {
		log_file_name(w->base, n, true, name);
		fd = openat(w->dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	}
	return fd;
}

static bool same_file(int fd, int dir, const char *name)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && fstatat(dir, name, &b, AT_SYMLINK_NOFOLLOW) == 0 && a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

static void close_all(struct walk *w)
{
	while (w->n > 0)
		close_fd(&w->fd[--w->n]);
}

/* The newest that there are if it never holds still. */
static void open_all(struct walk *w)
{
	for (int left = 50; left; left--) {
		close_all(w);
		while (w->n <= FILES_MAX && ((w->fd[w->n] = open_nth(w, w->n)) >= 0 || w->n == 0))
			w->n++;
		if (w->fd[0] >= 0 && same_file(w->fd[0], w->dir, w->base))
			return;
		usleep(1000);
	}
}

static void walk_file(struct walk *w, unsigned n)
{
	int fd = w->fd[n] < 0 || lseek(w->fd[n], 0, SEEK_SET) < 0 ? -1 : fcntl(w->fd[n], F_DUPFD_CLOEXEC, 3);
	gzFile in = fd < 0 ? NULL : gzdopen(fd, "rb");	/* also reads what is not compressed */

	if (!in) {
		close_fd(&fd);
		return;
	}
	w->len = 0;
	take_all(w, in);
	if (w->len)
		take(w, w->line, w->len);	/* torn by a crash; or being written just now, where nobody follows */
	w->len = 0;
	gzclose(in);
}

/* Where the last `tail` lines begin: files are counted from the newest on, until there are enough. */
static unsigned first_of_tail(struct walk *w)
{
	unsigned n = 0;

	if (w->query->tail == UINT64_MAX)
		return w->n - 1;
	for (w->counting = true;; n++) {
		walk_file(w, n);
		if (w->count >= w->query->tail || n == w->n - 1)
			break;
	}
	w->counting = false;
	w->skip = w->count > w->query->tail ? w->count - w->query->tail : 0;
	return n;
}

/* The one being written, until another has its name or, `ended`, nobody writes any more. */
static void follow_one(struct walk *w, bool *ended)
{
	int fd = w->fd[0] < 0 || lseek(w->fd[0], 0, SEEK_SET) < 0 ? -1 : fcntl(w->fd[0], F_DUPFD_CLOEXEC, 3);
	gzFile in = fd < 0 ? NULL : gzdopen(fd, "rb");
	bool here = true;

	w->len = 0;
	while (here && !*ended) {
		/* Both are asked before the last read: nothing is written here afterwards. */
		*ended = log_ended(w->query->name);
		here = in && same_file(w->fd[0], w->dir, w->base);
		if (in) {
			take_all(w, in);
			gzclearerr(in);
		}
		fflush(stdout);
		if (!*ended)
			usleep(PAUSE_US);
	}
	if (in)
		gzclose(in);
	else
		close_fd(&fd);
}

/* All files anew, and those between the one that was followed and the one being written now. Where that was rotated so often
 * that it is not among them any more: everything since the last line. */
static void catch_up(struct walk *w)
{
	struct stat was = { 0 }, st;
	unsigned n = 1;

	if (w->fd[0] >= 0)
		(void)fstat(w->fd[0], &was);
	open_all(w);
	while (n < w->n && (fstat(w->fd[n], &st) < 0 || st.st_ino != was.st_ino || st.st_dev != was.st_dev))
		n++;
	w->after = n == w->n ? w->seen : 0;
	while (--n > 0)
		walk_file(w, n);
	w->after = 0;
}

int read_files(const struct log_query *q, struct log_out *out, struct err *e)
{
	_auto(close_fd) int dir = open(q->place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_auto(free_mem) char *line = malloc(LINE_MAX_LEN);
	_auto(free_mem) struct walk *w = calloc(1, sizeof(*w));
	bool ended = false;

	if (dir < 0 || !line || !w)
		return err_set(e, ERR_HOST, errno, "logs are read by whoever started the container", "cannot open the log directory %s", q->place);
	*w = (struct walk){ .query = q, .out = out, .dir = dir, .line = line };
	snprintf(w->base, sizeof(w->base), "%s.log", q->name);
	open_all(w);
	if (w->n == 1 && w->fd[0] < 0)
		return err_set(e, ERR_HOST, ENOENT, "its policy says where its output goes: log", "there is no log of '%s' in %s", q->name, q->place);
	for (unsigned n = first_of_tail(w); n > 0; n--)
		walk_file(w, n);
	if (!q->follow)
		walk_file(w, 0);
	while (q->follow && !ended) {
		follow_one(w, &ended);
		/* It may have been rotated just before the end. */
		if (!same_file(w->fd[0], w->dir, w->base)) {
			catch_up(w);
			if (ended)
				walk_file(w, 0);
		}
	}
	close_all(w);
	return 0;
}
