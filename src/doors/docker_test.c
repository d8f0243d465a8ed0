/* How docker writes things, and where on its line they stand. */
#include "docker.h"

#include "../base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void test_sizes(void **state)
{
	static const struct { const char *text; uint64_t bytes; } good[] = {
		{ "0", 0 }, { "100", 100 }, { "100b", 100 }, { "1k", 1024 }, { "1kb", 1024 }, { "1KiB", 1024 }, { "512m", 512u << 20 },
		{ "1.5g", UINT64_C(1536) << 20 }, { "1 m", 1 << 20 }, { "2T", UINT64_C(2) << 40 }, { ".5k", 512 },
	};
	static const char *const bad[] = { "", "m", "-1", "+1", "1e9", "1x", "1mm", "1bb", "1  m", "0x10", "1,5g", "9999p", "inf", "nan" };
	uint64_t n;

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		assert_true(docker_bytes(good[i].text, &n));
		assert_true(n == good[i].bytes);
	}
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(docker_bytes(bad[i], &n));
	assert_true(docker_decimal_bytes("10m", &n) && n == 10000000);
}

/* As Go's time.ParseDuration() has them, but for a sign. */
static void test_durations(void **state)
{
	static const struct { const char *text; uint64_t ns; } good[] = {
		{ "0", 0 }, { "0s", 0 }, { "1ns", 1 }, { "1us", 1000 }, { "1\302\265s", 1000 }, { "500ms", 500000000 }, { "1.5s", 1500000000 },
		{ ".5s", 500000000 }, { "1m30s", UINT64_C(90000000000) }, { "2h", UINT64_C(7200000000000) }, { "1h1ms", UINT64_C(3600001000000) },
	};
	static const char *const bad[] = { "", "1", "s", "-1s", "+1s", "1 s", "1s ", "1d", "1.2.3s", "1e3s", "1s30", "99999999999999h", "inf", "0x1s" };
	uint64_t ns;

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		assert_true(docker_duration(good[i].text, &ns));
		assert_true(ns == good[i].ns);
	}
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(docker_duration(bad[i], &ns));
}

static void test_numbers(void **state)
{
	uint64_t u;
	int64_t n;
	bool b;

	(void)state;
	assert_true(docker_int("-1", &n) && n == -1);
	assert_true(docker_int("007", &n) && n == 7);
	assert_false(docker_int("", &n) || docker_int(" 1", &n) || docker_int("1.0", &n) || docker_int("99999999999999999999", &n) ||
		     docker_int("-", &n) || docker_int("0x1", &n));
	assert_true(docker_millionths("0.5", &u) && u == 500000);
	assert_true(docker_millionths("1.1234567", &u) && u == 1123456);
	assert_false(docker_millionths("1/2", &u) || docker_millionths("", &u) || docker_millionths("-1", &u) || docker_millionths("1e3", &u));
	assert_true(docker_bool("T", &b) && b);
	assert_true(docker_bool("0", &b) && !b);
	assert_false(docker_bool("yes", &b) || docker_bool("", &b));
}

static void test_fields(void **state)
{
	static const struct { const char *line; int n; const char *field[3]; } rows[] = {
		{ "a,b", 2, { "a", "b" } }, { "", 1, { "" } }, { "a,", 2, { "a", "" } }, { "\"a,b\",c", 2, { "a,b", "c" } },
		{ "\"a\"\"b\"", 1, { "a\"b" } }, { "\"\",x", 2, { "", "x" } }, { "a\"b", -1, { NULL } }, { "\"a", -1, { NULL } },
		{ "\"a\"b", -1, { NULL } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *at = rows[i].line;
		int n = 0, r = 1;

		while (r > 0) {
			_auto(free_mem) char *field = NULL;

			r = docker_field(&at, &field);
			if (r > 0)
				assert_string_equal(field, rows[i].field[n++]);
		}
		assert_int_equal(r < 0 ? -1 : n, rows[i].n);
	}
}

static void test_paths(void **state)
{
	static const char *const rows[][2] = {
		{ "/", "/" }, { "//", "/" }, { "/a/", "/a" }, { "/a//b", "/a/b" }, { "/a/./b/..", "/a" }, { "/../..", "/" }, { "/..a/b", "/..a/b" },
	};
	_auto(free_mem) char *cwd = getcwd(NULL, 0), *here = door_path("."), *relative = door_path("relative"), *none = door_path("");

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		_auto(free_mem) char *path = door_path(rows[i][0]);

		assert_string_equal(path, rows[i][1]);
	}
	assert_string_equal(here, cwd);
	assert_null(relative);
	assert_null(none);
}

/* Columns are those of the words joined by blanks, the letters of a bundle those of their word. */
static void test_line(void **state)
{
	char *argv[] = { "-it", "--name", "web", "-p=1:1", "-e", "TOKEN=s3cret", "--rm=false", "image", "-x", "--rm" };
	static const struct { const char *option, *text; int column; bool on; } want[] = {
		{ "interactive", "-i", 12, true }, { "tty", "-t", 12, true }, { "name", "--name web", 16, true }, { "publish", "-p=1:1", 27, true },
		{ "env", "-e TOKEN=...", 34, true }, { "rm", "--rm=false", 50, false },
	};
	struct docker_line l;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(docker_line(COUNT(argv), argv, 12, &l, &e), 0);
	assert_int_equal(l.n, COUNT(want));
	for (size_t i = 0; i < COUNT(want); i++) {
		assert_true(docker_is(&l.given[i], want[i].option));
		assert_string_equal(l.given[i].text, want[i].text);
		assert_int_equal(l.given[i].column, want[i].column);
		assert_int_equal(l.given[i].on, want[i].on);
	}
	assert_string_equal(l.image, "image");
	assert_int_equal(l.image_spot.column, 61);
	assert_int_equal(l.n_args, 2);
	docker_line_free(&l);
}

static void test_rows(void **state)
{
	(void)state;
	for (const struct docker_option *o = docker_options; o->name; o++) {
		assert_true(*o->why);
		assert_true(docker_option_find(o->name, strlen(o->name)) == o);
		/* Who refuses says what to do instead; who does not look at a row leaves it to its fate. */
		assert_true(o->fate != REFUSED || (o->hint && !o->take));
		for (const struct docker_option *other = docker_options; other < o; other++)
			assert_true(!o->letter || other->letter != o->letter);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes), cmocka_unit_test(test_durations), cmocka_unit_test(test_numbers), cmocka_unit_test(test_fields), cmocka_unit_test(test_paths),
		cmocka_unit_test(test_line), cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
