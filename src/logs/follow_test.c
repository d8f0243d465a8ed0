/* follow_test.c - a log that is read while it is rotated: the reader and the driver take turns at their calls of the kernel, in every
 * way in which each is interrupted once. All lines have one time. */
#include "dir_test.h"
#include "read_files.h"
#include "sink.h"

#include "../base/cleanup.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <zlib.h>

#include <cmocka.h>

/* --- two that take turns --- */

enum { READER, DRIVER, MOST = 14, LONG_TURN = 300 };
struct stage {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	int turn;
	bool over[2];
	unsigned left[2];	/* calls until the other has its turn; from then on they are many */
	unsigned made[2];
};
struct actor { struct stage *stage; int me; };

static void wait_for_turn(struct stage *s, int me)
{
	while (s->turn != me)
		pthread_cond_wait(&s->changed, &s->lock);
}

static void give_turn(struct stage *s, int to)
{
	s->turn = to;
	pthread_cond_broadcast(&s->changed);
}

static long call(void *ctx, long nr, const unsigned long a[6])
{
	const struct actor *actor = ctx;
	struct stage *s = actor->stage;
	int me = actor->me;
	long r;

	pthread_mutex_lock(&s->lock);
	s->made[me]++;
	if (s->left[me] == 0 && !s->over[!me]) {
		give_turn(s, !me);
		wait_for_turn(s, me);
		s->left[me] = LONG_TURN;
	} else {
		s->left[me]--;
	}
	pthread_mutex_unlock(&s->lock);
	r = nr == SYS_fdatasync ? 0 : syscall(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
	return r < 0 ? -errno : r;
}

struct play {
	struct stage stage;
	struct actor actor[2];
	struct sys sys[2];
	int dir;
	char place[64];
	/* the driver */
	struct log_config config;
	struct log_counts counts;
	struct sink sink;
	unsigned rotations, said;
	bool relaunched;	/* with each rotation another launch: what counts their lines is no help */
	/* the reader */
	bool follows;
	struct log_query query;
	struct log_out out;
	struct log_files files;
	char *printed, *told;
	size_t printed_len, told_len;
};

/* --- the driver --- */

static void say(struct play *p, unsigned lines)
{
	_Alignas(struct log_line) char room[sizeof(struct log_line) + 16];
	struct log_line *l = (struct log_line *)room;

	for (unsigned i = 0; i < lines; i++) {
		*l = (struct log_line){ .time = 1700000000000000012, .stream = LOG_STDOUT };
		l->len = (uint32_t)sprintf(l->text, "%u", p->said++);
		p->sink.line(&p->sink, l);
	}
	p->sink.flush(&p->sink);
}

static void rotate(struct play *p, unsigned times)
{
	for (; times; times--) {
		say(p, 2);
		assert_int_equal(log_file_rotate(&p->sink.file), 0);
		assert_int_equal(log_file_compress(&p->sink.file), 0);
		if (p->relaunched) {
			snprintf(p->config.source.id, sizeof(p->config.source.id), "%032x", p->said);
			p->sink.seq = 0;
		}
		say(p, 1);
	}
}

static void *drive(void *ctx)
{
	struct play *p = ctx;

	pthread_mutex_lock(&p->stage.lock);
	wait_for_turn(&p->stage, DRIVER);
	pthread_mutex_unlock(&p->stage.lock);
	rotate(p, p->rotations);
	pthread_mutex_lock(&p->stage.lock);
	p->stage.over[DRIVER] = true;
	give_turn(&p->stage, READER);
	pthread_mutex_unlock(&p->stage.lock);
	return NULL;
}

/* --- the reader --- */

static bool not_ended(const char *name)
{
	(void)name;
	return false;
}

static bool has_ended(const char *name)
{
	(void)name;
	return true;
}

static void open_files(struct play *p)
{
	struct err e = { 0 };

	if (log_files_open(&p->files, &p->sys[READER], &p->query, &p->out, &e) != 0)
		fail_msg("%s", e.msg);
}

static int follow(struct play *p)
{
	struct err e = { 0 };
	int r = log_files_follow(&p->files, &e);

	if (r < 0)
		fail_msg("%s", e.msg);
	return r;
}

static void read_all(struct play *p)
{
	if (p->follows)
		(void)follow(p);
	else
		open_files(p);
	pthread_mutex_lock(&p->stage.lock);
	p->stage.over[READER] = true;
	give_turn(&p->stage, DRIVER);
	pthread_mutex_unlock(&p->stage.lock);
}

/* --- */

static void begin(struct play *p, int dir, unsigned max_files, uint64_t tail)
{
	const int actors[] = { READER, DRIVER };

	empty_dir(dir);
	*p = (struct play){ .dir = dir, .stage = { .over = { true, true } }, .config = { .driver = LOG_JSON_FILE, .max_size = 1 << 20,
		.max_files = max_files, .compress = true, .source = { "web", "0123456789abcdef0123456789abcdef", "5f" } } };
	pthread_mutex_init(&p->stage.lock, NULL);
	pthread_cond_init(&p->stage.changed, NULL);
	for (int i = 0; i < 2; i++) {
		p->actor[i] = (struct actor){ &p->stage, actors[i] };
		p->sys[i] = (struct sys){ call, &p->actor[i] };
	}
	snprintf(p->place, sizeof(p->place), "/proc/self/fd/%d", dir);
	p->query = (struct log_query){ .name = "web", .place = p->place, .until = UINT64_MAX, .tail = tail, .follow = true, .files = MOST, .ended = not_ended };
	out_init(&p->out, &p->query);
	p->out.to[0] = open_memstream(&p->printed, &p->printed_len);
	p->out.to[1] = open_memstream(&p->told, &p->told_len);
	p->sink.counts = &p->counts;
	assert_int_equal(sink_open(&p->sink, &p->sys[DRIVER], dir, &p->config), 0);
}

/* Each makes so many calls before the other goes on. */
static void interrupt(struct play *p, unsigned reader, unsigned driver)
{
	pthread_t thread;

	p->stage = (struct stage){ .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER, .left = { reader, driver }, .turn = READER };
	assert_int_equal(pthread_create(&thread, NULL, drive, p), 0);
	read_all(p);
	pthread_join(thread, NULL);
}

/* The first line that is still in a file: without the reader's code. */
static unsigned first_there(const struct play *p)
{
	char name[FILE_NAME_MAX], line[1024] = "";
	gzFile in = NULL;

	for (unsigned i = MOST + 1; i-- > 0 && !in;)
		for (int compressed = 0; compressed < 2 && !in; compressed++) {
			int fd;

			log_file_name("web.log", i, compressed, name);
			fd = openat(p->dir, name, O_RDONLY | O_CLOEXEC);
			in = fd < 0 ? NULL : gzdopen(fd, "rb");
			if (in && !gzgets(in, line, sizeof(line))) {
				gzclose(in);	/* the new one, still empty */
				in = NULL;
			}
		}
	assert_non_null(in);
	gzclose(in);
	return (unsigned)strtoul(line + strlen("{\"log\":\""), NULL, 10);
}

/* Whatever is still there was printed, nothing twice, in order; what is not was counted. Returns how many lines were lost. */
static uint64_t finish(struct play *p)
{
	unsigned n = 0, next = UINT32_MAX, there, lost = 0;

	say(p, 1);
	p->query.ended = has_ended;
	assert_int_equal(follow(p), 1);
	log_files_close(&p->files);
	fclose(p->out.to[0]);
	fclose(p->out.to[1]);
	there = first_there(p);
	for (char *s = p->printed; *s; s = strchr(s, '\n') + 1, next = n + 1) {
		n = (unsigned)atoi(s);
		if (next == UINT32_MAX)
			continue;
		assert_true(n >= next);
		assert_true(n == next || n <= there);
		lost += n - next;
	}
	assert_int_equal(next, p->said);
	assert_int_equal(p->out.missing, lost);
	assert_int_equal(p->out.wrong, 0);
	assert_int_equal(lost > 0, strstr(p->told, "lines are missing here") != NULL);
	sink_close(&p->sink);
	free(p->printed);
	free(p->told);
	return lost;
}

/* All ways to interrupt a reader that opens everything, or (`follows`) goes on. */
static uint64_t every_way(int dir, bool follows, bool relaunched, unsigned max_files, unsigned rotations, uint64_t tail)
{
	struct play *p = malloc(sizeof(*p));
	unsigned calls = 40;
	uint64_t lost = 0;

	for (unsigned i = 0, more = 1; i < 8 && more; i++)
		for (unsigned j = 0; j <= calls; j++) {
			uint64_t printed = 0;

			begin(p, dir, max_files, tail);
			p->relaunched = relaunched;
			rotate(p, 3);
			p->rotations = rotations;
			p->follows = follows;
			if (follows)
				open_files(p);
			interrupt(p, i, j);
			fflush(p->out.to[0]);
			for (const char *s = tail == UINT64_MAX ? NULL : p->printed; s && (s = strchr(s, '\n')); s++)
				printed++;
			assert_true(tail == UINT64_MAX || printed >= tail);
			calls = p->stage.made[DRIVER];
			more = p->stage.made[READER] > i;
			lost += finish(p);
		}
	free(p);
	return lost;
}

static void rotated_while_followed(void **state)
{
	int dir = *(int *)*state;

	assert_int_equal(every_way(dir, true, true, MOST, 3, UINT64_MAX), 0);
	assert_int_equal(every_way(dir, true, false, 2, 1, UINT64_MAX), 0);
	assert_true(every_way(dir, true, false, 2, 3, UINT64_MAX) > 0);
}

static void rotated_while_opened(void **state)
{
	int dir = *(int *)*state;

	assert_int_equal(every_way(dir, false, true, MOST, 3, UINT64_MAX), 0);
	assert_int_equal(every_way(dir, false, false, MOST, 1, 6), 0);
	every_way(dir, false, false, 1, 1, UINT64_MAX);
	every_way(dir, false, false, 3, 2, UINT64_MAX);
}

/* A reader that slept: so often rotated that its file was compressed, or is gone. */
static void slept(void **state)
{
	struct play *p = malloc(sizeof(*p));

	for (unsigned max_files = 1; max_files < 8; max_files++)
		for (unsigned rotations = 1; rotations < 11; rotations++) {
			uint64_t lost;

			begin(p, *(int *)*state, max_files, UINT64_MAX);
			rotate(p, 2);
			open_files(p);
			rotate(p, rotations);
			lost = finish(p);
			/* Its own file stays open; of those after it so many are there still. */
			assert_int_equal(lost, rotations <= max_files ? 0 : 3 * (rotations - max_files));
		}
	free(p);
}

static void write_text(int fd, const char *text)
{
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

/* What is written in part is taken when it is whole, or taken back; lines are given up; somebody else's rotation empties the file;
 * the launch that comes next counts anew. */
static void others_write(void **state)
{
	int dir = *(int *)*state, fd;
	struct play *p = malloc(sizeof(*p));
	off_t size, all;

	begin(p, dir, 3, UINT64_MAX);
	say(p, 5);
	fd = openat(dir, "web.log", O_RDWR | O_APPEND | O_CLOEXEC);
	size = lseek(fd, 0, SEEK_END);
	write_text(fd, "{\"log\":\"5\\n\",\"str");
	open_files(p);
	write_text(fd, "eam\":\"stdout\",\"time");
	assert_int_equal(follow(p), 0);
	write_text(fd, "\":\"2026-11-22T04:05:06Z\"}\n");
	p->said++;
	assert_int_equal(follow(p), 0);
	assert_int_equal(ftruncate(fd, size), 0);	/* printed by then, and 0 to 4 must not be once more */
	assert_int_equal(follow(p), 0);
	say(p, 3);
	all = lseek(fd, 0, SEEK_END);
	write_text(fd, "{\"log\":\"9, bu");
	assert_int_equal(follow(p), 0);
	assert_int_equal(ftruncate(fd, all), 0);
	say(p, 1);
	assert_int_equal(follow(p), 0);
	assert_int_equal(ftruncate(fd, 0), 0);
	close(fd);
	say(p, 1);
	assert_int_equal(follow(p), 0);
	p->sink.source = &(struct log_source){ "web", "fedcba9876543210fedcba9876543210", "5f" };
	p->sink.seq = 0;
	assert_int_equal(finish(p), 0);
	free(p);
}

/* A rotation that was killed half-way leaves a number without a file, or one with two. */
static void gaps(void **state)
{
	int dir = *(int *)*state;
	struct play *p = malloc(sizeof(*p));

	begin(p, dir, MOST, UINT64_MAX);
	rotate(p, 6);
	assert_int_equal(renameat(dir, "web.log.6.gz", dir, "web.log.7.gz"), 0);
	assert_int_equal(renameat(dir, "web.log.5.gz", dir, "web.log.6.gz"), 0);
	open_files(p);
	rotate(p, 3);
	assert_int_equal(renameat(dir, "web.log.4.gz", dir, "web.log.5.gz"), 0);
	assert_int_equal(finish(p), 0);
	free(p);
}

static void tails(void **state)
{
	struct play *p = malloc(sizeof(*p));

	for (unsigned tail = 0; tail < 20; tail++) {
		begin(p, *(int *)*state, MOST, tail);
		rotate(p, 5);
		open_files(p);
		fflush(p->out.to[0]);
		assert_int_equal(tail ? atoi(p->printed) : 0, tail < p->said && tail ? p->said - tail : 0);
		rotate(p, 3);
		assert_int_equal(finish(p), 0);
	}
	free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(rotated_while_followed, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(rotated_while_opened, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(slept, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(others_write, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(gaps, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(tails, make_dir, remove_dir),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
