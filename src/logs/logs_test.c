/* logs_test.c - lines cut out of what pipes give, the queue, what a line looks like, and files that are rotated while calls fail. */
#include "dir_test.h"
#include "file.h"
#include "format.h"
#include "queue.h"
#include "sink.h"
#include "split.h"

#include "../base/cleanup.h"

#include <errno.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <zlib.h>

#include <cmocka.h>

/* --- lines --- */

struct taken { char text[256 * 1024]; size_t len, n, partial, longest; };

/* Lines end with "\n" again, pieces do not: what comes out must be what went in. */
static void take(void *ctx, uint64_t time, const char *text, size_t len, bool partial)
{
	struct taken *t = ctx;

	assert_true(time > 0);
	memcpy(t->text + t->len, text, len);
	t->len += len;
	if (!partial)
		t->text[t->len++] = '\n';
	t->n++;
	t->partial += partial;
	t->longest = len > t->longest ? len : t->longest;
}

static void cut(const char *data, size_t len, size_t step, struct taken *t)
{
	struct split *s = calloc(1, sizeof(*s));

	*t = (struct taken){ 0 };
	for (size_t at = 0; at < len; at += step)
		split_bytes(s, at + 1, data + at, step < len - at ? step : len - at, take, t);
	split_end(s, take, t);
	assert_int_equal(t->len, len);
	assert_memory_equal(t->text, data, len);
	assert_true(t->longest <= LOG_PIECE_MAX);
	free(s);
}

static void lines_of_every_length(void **state)
{
	static const size_t lengths[] = { 0, 1, LOG_PIECE_MAX - 1, LOG_PIECE_MAX, LOG_PIECE_MAX + 1, 2 * LOG_PIECE_MAX, 2 * LOG_PIECE_MAX + 1, 0, 7 };
	static const size_t steps[] = { 1, 3, 4096, LOG_PIECE_MAX, LOG_PIECE_MAX + 1, 65536, 1 << 20 };
	struct taken *t = malloc(sizeof(*t));
	char *data = malloc(sizeof(t->text));
	size_t len = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(lengths); i++) {
		memset(data + len, 'a' + (int)i, lengths[i]);
		len += lengths[i];
		data[len++] = '\n';
	}
	for (size_t i = 0; i < COUNT(steps); i++) {
		cut(data, len, steps[i], t);
		assert_int_equal(t->n, COUNT(lengths) + 4);	/* the bound itself is no piece; one byte more, twice it, and that and one are */
		assert_int_equal(t->partial, 4);
		cut(data, len - 1, steps[i], t);		/* no end of line at the end */
		assert_int_equal(t->partial, 5);
	}
	free(data);
	free(t);
}

/* --- queue --- */

static void *take_all(void *ctx)
{
	struct queue *q = ctx;
	const struct log_line *line;
	uint64_t n = 0;

	for (struct batch *b; (b = queue_take(q));) {
		for (size_t at = 0; (line = batch_next(b, &at)); n++)
			assert_int_equal(line->time, n);
		assert_int_equal(b->dropped_lines, 0);
	}
	return (void *)(uintptr_t)n;
}

static void queue_in_order(void **state)
{
	struct queue *q = malloc(sizeof(*q));
	char text[1000] = "";
	pthread_t reader;
	void *n;

	(void)state;
	queue_init(q, false);
	assert_int_equal(pthread_create(&reader, NULL, take_all, q), 0);
	for (uint64_t i = 0; i < 20000; i++)
		assert_true(queue_put(q, LOG_STDOUT, i, text, i % sizeof(text), false));
	queue_end(q);
	pthread_join(reader, &n);
	assert_int_equal((uintptr_t)n, 20000);
	free(q);
}

static void queue_drops(void **state)
{
	struct queue *q = malloc(sizeof(*q));
	char text[LOG_PIECE_MAX] = "";
	uint64_t put = 0, bytes = 0;
	struct batch *b;

	(void)state;
	queue_init(q, true);
	while (queue_put(q, LOG_STDOUT, 1, text, sizeof(text), false))
		put++;
	assert_true(put * sizeof(text) > LOG_QUEUE_SIZE / 2);
	assert_false(queue_put(q, LOG_STDERR, 1, text, 1, false));	/* would fit, and stand before what was dropped */
	b = queue_take(q);
	assert_int_equal(b->dropped_lines, 2);
	assert_int_equal(b->dropped_bytes, sizeof(text) + 1);
	for (size_t at = 0; batch_next(b, &at);)
		bytes++;
	assert_int_equal(bytes, put);
	assert_true(queue_put(q, LOG_STDOUT, 1, text, 1, false));
	queue_end(q);
	assert_int_equal(queue_take(q)->dropped_lines, 0);
	assert_null(queue_take(q));
	free(q);
}

/* --- what a line looks like --- */

static const struct log_source source = { "web", "0123456789abcdef0123456789abcdef", "5f" };

static struct log_line *line_of(const char *text, size_t len, enum log_stream stream, bool partial)
{
	struct log_line *l = malloc(sizeof(*l) + len);

	*l = (struct log_line){ .time = 1700000000000000012, .len = (uint32_t)len, .stream = (uint8_t)stream, .partial = partial };
	memcpy(l->text, text, len);
	return l;
}

static json_t *as_json(const char *text, size_t len, bool partial)
{
	struct log_line *l = line_of(text, len, LOG_STDERR, partial);
	char *out = malloc(FORMAT_MAX);
	size_t n = format_json(&source, l, 7, out);
	json_error_t why;
	json_t *o = json_loadb(out, n, JSON_ALLOW_NUL, &why);

	if (!o)
		fail_msg("%s: %.*s", why.text, (int)n, out);
	assert_int_equal(out[n - 1], '\n');
	assert_string_equal(json_string_value(json_object_get(o, "stream")), "stderr");
	assert_string_equal(json_string_value(json_object_get(o, "time")), "2023-11-14T22:13:20.000000012Z");
	assert_string_equal(json_string_value(json_object_get(json_object_get(o, "attrs"), "name")), "web");
	assert_string_equal(json_string_value(json_object_get(json_object_get(o, "attrs"), "seq")), "7");
	free(out);
	free(l);
	return o;
}

static void json_lines(void **state)
{
	static const char text[] = "a\"\\\t\x01\x7f\xc3\xa9\xf0\x9f\x98\x80z", every[] = "\x80\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80\xff";
	json_t *o = as_json(text, sizeof(text), false), *log = json_object_get(o, "log");
	char all[256];

	(void)state;
	assert_int_equal(json_string_length(log), sizeof(text) + 1);	/* its NUL, and the end of line */
	assert_memory_equal(json_string_value(log), text, sizeof(text));
	assert_int_equal(json_string_value(log)[sizeof(text)], '\n');
	assert_null(json_object_get(o, "bytes"));
	json_decref(o);
	o = as_json("tail", 4, true);
	assert_string_equal(json_string_value(json_object_get(o, "log")), "tail");
	json_decref(o);
	/* What is not UTF-8: not valid, overlong, a surrogate, beyond Unicode; every one shows, and all are kept. */
	o = as_json(every, sizeof(every) - 1, false);
	assert_string_equal(json_string_value(json_object_get(o, "bytes")), "gMCv7aCA9JCAgP8=");
	json_decref(o);
	for (int i = 0; i < 256; i++)
		all[i] = (char)i;
	o = as_json(all, sizeof(all), false);
	assert_int_equal(json_string_length(json_object_get(o, "bytes")), (256 + 2) / 3 * 4);
	json_decref(o);
}

static void the_worst_line_fits(void **state)
{
	char *text = malloc(LOG_PIECE_MAX), *out = malloc(FORMAT_MAX);
	struct log_source worst;
	struct log_line *l;

	(void)state;
	memset(&worst, 'x', sizeof(worst));
	worst.name[sizeof(worst.name) - 1] = worst.id[sizeof(worst.id) - 1] = worst.sha256[sizeof(worst.sha256) - 1] = '\0';
	for (int byte = 0; byte < 256; byte += 255) {
		memset(text, byte, LOG_PIECE_MAX);
		text[0] = '\xff';
		l = line_of(text, LOG_PIECE_MAX, LOG_OURS, true);
		assert_true(format_json(&worst, l, UINT64_MAX, out) < FORMAT_MAX);
		assert_true(format_syslog(&worst, l, "h", out) < FORMAT_MAX);
		free(l);
	}
	free(out);
	free(text);
}

static void syslog_lines(void **state)
{
	struct log_line *l = line_of("a\0b\x1b", 4, LOG_STDERR, true);
	char out[1024];
	size_t n = format_syslog(&source, l, "host", out);

	(void)state;
	out[n] = '\0';
	assert_string_equal(out, "<27>1 2023-11-14T22:13:20.000000Z host web - - [casemate@32473 id=\"0123456789abcdef0123456789abcdef\" policy=\"5f\" "
				 "stream=\"stderr\" partial=\"true\"] a#000b\x1b");
	free(l);
}

/* --- files, on a kernel of which one call fails --- */

struct failing { unsigned calls, fail_at; int error; bool all; size_t most; };

static long call(void *ctx, long nr, const unsigned long a[6])
{
	struct failing *f = ctx;
	unsigned long len = a[2];
	long r;

	f->calls++;
	if (f->fail_at && (f->all ? f->calls >= f->fail_at : f->calls == f->fail_at))
		return -f->error;
	if (nr == SYS_write && f->most && len > f->most)
		len = f->most;		/* a short write, as of a disk that is nearly full */
	r = syscall(nr, a[0], a[1], len, a[3], a[4], a[5]);
	return r < 0 ? -errno : r;
}

static bool try_again(void *ctx, int error)
{
	unsigned *left = ctx;

	assert_true(error > 0);
	return left && *left && (*left)--;
}

enum { LINES = 400 };

/* Every line of the files there are, oldest first, must be the next number. Returns the first that is there, or LINES. */
static unsigned read_numbers(int dir, unsigned files, unsigned end)
{
	unsigned next = UINT32_MAX, first = end;

	for (unsigned i = files + 1; i-- > 0;) {
		char name[FILE_NAME_MAX], line[1024];
		int fd;
		gzFile in;

		log_file_name("web.log", i, false, name);
		fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
		if (fd < 0) {
			log_file_name("web.log", i, true, name);
			fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
		}
		if (fd < 0)
			continue;
		in = gzdopen(fd, "rb");		/* also what is not compressed */
		while (gzgets(in, line, sizeof(line))) {
			json_t *o = json_loads(line, 0, NULL);
			unsigned n = (unsigned)atoi(json_string_value(json_object_get(o, "log")));

			if (next == UINT32_MAX)
				first = n;
			else
				assert_int_equal(n, next);
			next = n + 1;
			json_decref(o);
		}
		gzclose(in);
	}
	assert_int_equal(next == UINT32_MAX ? end : next, end);
	return first;
}

static unsigned write_numbers(int dir, struct failing *f, unsigned files, bool compress, unsigned *retries, struct log_counts *counts)
{
	const struct log_config config = { .source = source, .driver = LOG_JSON_FILE, .max_size = 64 * 1024 / 8, .max_files = files, .compress = compress };
	const struct sys k = { call, f };
	struct sink s = { .counts = counts, .again = try_again, .ctx = retries };
	unsigned n = 0;

	if (sink_open(&s, &k, dir, &config) < 0) {
		sink_close(&s);
		return UINT32_MAX;
	}
	for (; n < LINES; n++) {
		char text[300];
		struct log_line *l = line_of(text, (size_t)snprintf(text, sizeof(text), "%0200u", n), LOG_STDOUT, false);

		s.line(&s, l);
		free(l);
		if (n % 7 == 0)
			s.flush(&s);
		if (s.rotated && compress)
			(void)!log_file_compress(&s.file);
		s.rotated = false;
	}
	s.flush(&s);
	sink_close(&s);
	return n;
}

static void files_rotate(void **state)
{
	int dir = *(int *)*state;

	for (unsigned files = 1; files < 12; files += 3)
		for (int compress = 0; compress < 2; compress++) {
			struct failing f = { 0 };
			struct log_counts counts = { 0 };
			unsigned first;

			assert_int_equal(write_numbers(dir, &f, files, compress, NULL, &counts), LINES);
			assert_int_equal(counts.lines, LINES);
			assert_int_equal(counts.errors, 0);
			assert_true(counts.rotations > 10);
			first = read_numbers(dir, files - 1, LINES);
			assert_true(first > 0 && first < LINES);
			for (int fd = openat(dir, "web.log.3.gz", O_RDONLY | O_CLOEXEC); files > 4 && fd >= 0; fd = -1)
				assert_true(compress && close(fd) == 0);
			assert_int_equal(faccessat(dir, "web.log.2.gz", F_OK, 0), files > 3 && compress ? 0 : -1);
			assert_int_equal(faccessat(dir, "web.log.1.gz", F_OK, 0), -1);
			empty_dir(dir);
		}
}

/* A policy that wants fewer files than the one before; one is missing among them. */
static void fewer_files(void **state)
{
	int dir = *(int *)*state;
	struct failing f = { 0 };
	struct log_counts counts = { 0 };

	write_numbers(dir, &f, 20, true, NULL, &counts);
	assert_int_equal(unlinkat(dir, "web.log.9.gz", 0), 0);
	assert_int_equal(faccessat(dir, "web.log.10.gz", F_OK, 0), 0);
	write_numbers(dir, &f, 3, true, NULL, &counts);
	for (unsigned i = 3; i < 20; i++)
		for (int compressed = 0; compressed < 2; compressed++) {
			char name[FILE_NAME_MAX];

			log_file_name("web.log", i, compressed, name);
			assert_int_equal(faccessat(dir, name, F_OK, 0), -1);
		}
	assert_int_equal(faccessat(dir, "web.log.2.gz", F_OK, 0), 0);
}

/* Whatever call fails once, and whatever the disk takes at a time: no line is missing, doubled, torn or out of place. */
static void one_call_fails(void **state)
{
	static const int errors[] = { ENOSPC, EIO };
	int dir = *(int *)*state;
	unsigned total;
	struct failing f = { 0 };
	struct log_counts none = { 0 };

	write_numbers(dir, &f, 1000, true, NULL, &none);
	empty_dir(dir);
	total = f.calls;
	assert_true(total > 200);
	for (size_t e = 0; e < COUNT(errors); e++)
		for (unsigned n = 1; n <= total; n += n < 40 ? 1 : 31) {
			struct failing one = { .fail_at = n, .error = errors[e], .most = n % 2 ? 4096 : 0 };
			struct log_counts counts = { 0 };
			unsigned retries = 3;

			if (write_numbers(dir, &one, 1000, true, &retries, &counts) == UINT32_MAX) {
				assert_true(n < 8);	/* it does not even begin: the launch is refused */
			} else {
				assert_int_equal(counts.lines, LINES);
				assert_int_equal(counts.dropped_lines, 0);
				assert_int_equal(read_numbers(dir, 999, LINES), 0);
			}
			empty_dir(dir);
		}
}

/* A disk that stays full: what is given up is counted, and what is there is whole. */
static void disk_stays_full(void **state)
{
	int dir = *(int *)*state;

	for (unsigned n = 20; n < 200; n += 3) {
		struct failing full = { .fail_at = n, .error = ENOSPC, .all = true, .most = 1000 };
		struct log_counts counts = { 0 };

		write_numbers(dir, &full, 1000, false, NULL, &counts);
		assert_int_equal(counts.lines + counts.dropped_lines, LINES);
		assert_true(counts.dropped_lines > 0);
		empty_dir(dir);
	}
}

/* Half a line of before stays half, and the next begins on a line of its own. */
static void torn_by_a_crash(void **state)
{
	int dir = *(int *)*state, fd = openat(dir, "web.log", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	struct failing f = { 0 };
	struct log_counts counts = { 0 };
	char text[64];

	assert_int_equal(write(fd, "{\"log\":\"ha", 10), 10);
	write_numbers(dir, &f, 1000, false, NULL, &counts);
	close(fd);
	fd = -1;
	for (unsigned i = 1; i < 1000 && fd < 0; i++) {
		char name[FILE_NAME_MAX];

		log_file_name("web.log", 1000 - i, false, name);
		fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	}
	assert_true(read(fd, text, sizeof(text)) > 20);
	assert_memory_equal(text, "{\"log\":\"ha\n{\"log\":", 18);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_of_every_length),
		cmocka_unit_test(queue_in_order),
		cmocka_unit_test(queue_drops),
		cmocka_unit_test(json_lines),
		cmocka_unit_test(the_worst_line_fits),
		cmocka_unit_test(syslog_lines),
		cmocka_unit_test_setup_teardown(files_rotate, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(fewer_files, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(one_call_fails, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(disk_stays_full, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(torn_by_a_crash, make_dir, remove_dir),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
