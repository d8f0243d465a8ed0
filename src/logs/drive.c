/* drive.c - see drive.h.
 *
 * One thread reads, one writes, one compresses, so that a disk that is slow keeps nobody from reading until the queue is full.
 * It ends when both pipes have: when every process of the container is gone, whether the supervisor lives or not. All
 * signals stay blocked: whoever wants to end it ends the container. */
#include "drive.h"

#include "../base/cleanup.h"
#include "../launch/loop.h"
#include "../launch/trim.h"
#include "queue.h"
#include "sink.h"
#include "split.h"

#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>

enum {
	READ_SIZE = 64 * 1024, STACK_SIZE = 128 * 1024,
	PAUSE_MS = 250,			/* before what could not be written is tried again */
	LAST_PATIENCE_MS = 8000,	/* how long so once the container has ended; less than the supervisor waits for us */
	TELL_MS = 10000,		/* trouble that lasts is told this often */
};

struct driver {
	const struct sys *sys;
	struct log_config config;
	struct log_counts *counts;
	struct queue queue;
	struct sink sink;
	struct split split[2];
	enum log_stream reading;
	uint64_t told, ended;		/* loop_now(), or 0 */
	pthread_mutex_t lock;		/* of told */
	pthread_cond_t rotated;
	pthread_barrier_t begun;	/* of a thread and whoever starts it: the filter does not know what a thread begins with */
	bool compress_now;
	char buffer[READ_SIZE];
};

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* --- to the supervisor, if it still listens --- */

static void tell(enum log_word word, const struct err *why)
{
	struct log_report report = { .word = word };

	if (why)
		report.why = *why;
	(void)!send(LOG_FD_REPORT, &report, sizeof(report), MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void tell_trouble(struct driver *d, enum log_word word, const struct err *why)
{
	uint64_t now = loop_now();
	bool due;

	pthread_mutex_lock(&d->lock);
	due = d->told == 0 || now - d->told > TELL_MS;
	if (due)
		d->told = now;
	pthread_mutex_unlock(&d->lock);
	if (due)
		tell(word, why);
}

/* --- writing --- */

static bool has_ended(struct driver *d)
{
	bool ended;

	pthread_mutex_lock(&d->queue.lock);
	ended = d->queue.ended;
	pthread_mutex_unlock(&d->queue.lock);
	return ended;
}

static bool again(void *ctx, int error)
{
	const struct timespec pause = { .tv_nsec = PAUSE_MS * 1000000L };
	struct driver *d = ctx;
	struct err e = { 0 };

	atomic_fetch_add(&d->counts->errors, 1);
	atomic_store(&d->counts->sys, error);
	err_set(&e, ERR_HOST, error, NULL, "the log cannot be written");
	tell_trouble(d, LOG_TROUBLE, &e);
	if (d->ended == 0 && has_ended(d))
		d->ended = loop_now();
	if (d->ended && loop_now() - d->ended > LAST_PATIENCE_MS)
		return false;
	nanosleep(&pause, NULL);
	return true;
}

/* What was dropped is said where it would have stood. */
static void note_dropped(struct driver *d, const struct batch *b)
{
	_Alignas(struct log_line) char room[sizeof(struct log_line) + 160];
	struct log_line *note = (struct log_line *)room;

	atomic_fetch_add(&d->counts->dropped_lines, b->dropped_lines);
	atomic_fetch_add(&d->counts->dropped_bytes, b->dropped_bytes);
	*note = (struct log_line){ .time = now_ns(), .stream = LOG_OURS };
	note->len = (uint32_t)snprintf(note->text, sizeof(room) - sizeof(*note), "casemate: %lu lines of %lu bytes were dropped here: the log could "
				       "not be written fast enough", b->dropped_lines, b->dropped_bytes);
	d->sink.line(&d->sink, note);
}

static void wake_compression(struct driver *d)
{
	if (!d->sink.rotated)
		return;
	d->sink.rotated = false;
	pthread_mutex_lock(&d->lock);
	d->compress_now = true;
	pthread_cond_signal(&d->rotated);
	pthread_mutex_unlock(&d->lock);
}

static void *write_lines(void *ctx)
{
	const struct log_line *line;
	struct driver *d = ctx;
	struct batch *b;

	pthread_barrier_wait(&d->begun);
	while ((b = queue_take(&d->queue))) {
		for (size_t at = 0; (line = batch_next(b, &at));)
			d->sink.line(&d->sink, line);
		if (b->dropped_lines)
			note_dropped(d, b);
		d->sink.flush(&d->sink);
		wake_compression(d);
	}
	return NULL;
}

/* --- compressing, when nobody else wants the CPU --- */

static void *compress_files(void *ctx)
{
	const struct sys_sched idle = { .size = sizeof(idle), .policy = SCHED_IDLE };
	struct driver *d = ctx;

	pthread_barrier_wait(&d->begun);
	(void)!sys_sched_set(d->sys, 0, &idle);
	for (;;) {
		if (log_file_compress(&d->sink.file) < 0)
			atomic_fetch_add(&d->counts->errors, 1);	/* they stay as they are, and readable */
		pthread_mutex_lock(&d->lock);
		while (!d->compress_now)
			pthread_cond_wait(&d->rotated, &d->lock);
		d->compress_now = false;
		pthread_mutex_unlock(&d->lock);
	}
	return NULL;
}

/* --- reading --- */

static void take_line(void *ctx, uint64_t time, const char *text, size_t len, bool partial)
{
	struct driver *d = ctx;

	if (!queue_put(&d->queue, d->reading, time, text, len, partial))
		tell_trouble(d, LOG_DROPPING, NULL);
}

/* False at the end of the stream. */
static bool read_some(struct driver *d, int fd)
{
	ssize_t n = read(fd, d->buffer, sizeof(d->buffer));
	struct split *s;

	d->reading = fd == LOG_FD_OUT ? LOG_STDOUT : LOG_STDERR;
	s = &d->split[d->reading];
	if (n > 0)
		split_bytes(s, now_ns(), d->buffer, (size_t)n, take_line, d);
	if (n == 0)
		split_end(s, take_line, d);
	return n > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN));
}

static void read_pipes(struct driver *d)
{
	struct pollfd p[2] = { { .fd = LOG_FD_OUT, .events = POLLIN }, { .fd = LOG_FD_ERR, .events = POLLIN } };

	while (p[0].fd >= 0 || p[1].fd >= 0) {
		if (poll(p, 2, -1) < 0)
			continue;
		for (size_t i = 0; i < 2; i++)
			if (p[i].fd >= 0 && p[i].revents && !read_some(d, p[i].fd))
				p[i].fd = -1;
	}
	queue_end(&d->queue);
}

/* --- */

static int start_thread(pthread_t *thread, void *(*run)(void *), struct driver *d, struct err *e)
{
	pthread_attr_t attr;
	int r;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	r = pthread_create(thread, &attr, run, d);
	pthread_attr_destroy(&attr);
	if (r == 0)
		pthread_barrier_wait(&d->begun);
	return r ? err_set(e, ERR_HOST, r, NULL, "cannot start a thread of the log driver") : 0;
}

static bool compresses(const struct driver *d)
{
	return d->config.driver == LOG_JSON_FILE && d->config.compress && d->config.max_files > 2;
}

static int prepare(struct driver *d, pthread_t *writer, struct err *e)
{
	pthread_t compressor;
	int r;

	if (recv(LOG_FD_REPORT, &d->config, sizeof(d->config), 0) != sizeof(d->config))
		return err_set(e, ERR_LAUNCH, EPROTO, "casemate and casemate-log must be of one version", "the launcher's words make no sense");
	d->counts = mmap(NULL, sizeof(*d->counts), PROT_READ | PROT_WRITE, MAP_SHARED, LOG_FD_COUNTS, 0);
	if (d->counts == MAP_FAILED)
		return err_set(e, ERR_LAUNCH, errno, NULL, "cannot share the counts of the log");
	(void)!sys_umask(d->sys, 0027);
	if (drive_confine(d->sys, &d->config, d->config.driver == LOG_JSON_FILE ? LOG_FD_PLACE : -1, e) < 0)
		return -1;
	queue_init(&d->queue, d->config.full == LOG_FULL_DROP);
	d->sink.counts = d->counts;
	d->sink.again = again;
	d->sink.ctx = d;
	r = sink_open(&d->sink, d->sys, LOG_FD_PLACE, &d->config);
	if (r < 0)
		return err_set(e, ERR_HOST, r, r == -EACCES ? "the log directory and its files must belong to one user" : NULL, "cannot open the log");
	if (start_thread(writer, write_lines, d, e) < 0 || (compresses(d) && start_thread(&compressor, compress_files, d, e) < 0))
		return -1;
	return drive_filter(d->sys, e);
}

int drive(const struct sys *k)
{
	struct driver *d = calloc(1, sizeof(*d));
	struct err e = { 0 };
	pthread_t writer;

	mallopt(M_ARENA_MAX, 1);	/* a second one would need mprotect(2), which the filter does not allow */
	if (!d)
		return 1;
	d->sys = k;
	pthread_mutex_init(&d->lock, NULL);
	pthread_cond_init(&d->rotated, NULL);
	pthread_barrier_init(&d->begun, NULL, 2);
	if (sys_block_signals(k) < 0 || prepare(d, &writer, &e) < 0) {
		tell(LOG_FAILED, &e);
		return 1;
	}
	trim_memory();
	tell(LOG_READY, NULL);
	read_pipes(d);
	pthread_join(writer, NULL);
	sink_close(&d->sink);
	return 0;
}
