/* From a pointer to a place and back, in good text and in broken text; did-you-mean. */
#include "locate.h"

#include "../base/cleanup.h"
#include "key.h"
#include "suggest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char text[] =
	"{\n"
	"  \"a\": { \"b\": [1, {\"c\": \"x]\\\"}\"}, 3] },\n"
	"  \"d/e~f\" : \"\xc3\xa9\", \"\\u0067\": null,\n"
	"  \"h\":true}";

static const struct { const char *pointer; int key, line, column; } places[] = {
	{ "", 0, 1, 1 }, { "/a", 1, 2, 3 }, { "/a", 0, 2, 8 }, { "/a/b", 1, 2, 10 }, { "/a/b", 0, 2, 15 },
	{ "/a/b/0", 0, 2, 16 }, { "/a/b/1", 0, 2, 19 }, { "/a/b/1/c", 1, 2, 20 }, { "/a/b/1/c", 0, 2, 25 },
	{ "/a/b/2", 0, 2, 35 }, { "/d~1e~0f", 1, 3, 3 }, { "/d~1e~0f", 0, 3, 13 }, { "/g", 1, 3, 18 }, { "/g", 0, 3, 28 },
	{ "/h", 0, 4, 7 },
	/* Missing: the nearest that is there. */
	{ "/a/x", 0, 2, 8 }, { "/a/b/9", 1, 2, 15 }, { "/x", 0, 1, 1 }, { "/h/deeper", 0, 4, 7 },
};

static void pointers(void **state)
{
	int line, column;

	(void)state;
	for (size_t i = 0; i < COUNT(places); i++) {
		line_column(text, strlen(text), locate(text, strlen(text), places[i].pointer, places[i].key), &line, &column);
		if (line != places[i].line || column != places[i].column)
			fail_msg("%s is at %d:%d", places[i].pointer, line, column);
	}
}

static void back(void **state)
{
	char buf[POINTER_MAX];

	(void)state;
	for (size_t i = 0; i < 15; i++) {	/* those that exist */
		pointer_at(text, strlen(text), locate(text, strlen(text), places[i].pointer, places[i].key), buf);
		assert_string_equal(buf, places[i].pointer);
	}
}

/* Whatever is behind the end, or missing before it, must not be read: every prefix, in memory of its exact size. */
static void broken(void **state)
{
	char buf[POINTER_MAX];

	(void)state;
	for (size_t len = 0; len <= strlen(text); len++) {
		char *copy = memcpy(test_malloc(len + 1), text, len);

		for (size_t i = 0; i < COUNT(places); i++)
			assert_true(locate(copy, len, places[i].pointer, places[i].key) <= len);
		for (size_t at = 0; at <= len; at++)
			pointer_at(copy, len, at, buf);
		test_free(copy);
	}
}

static void long_pointer(void **state)
{
	char buf[POINTER_MAX], token[POINTER_MAX * 2];
	size_t used = pointer_push(buf, 0, "limits", 6);

	(void)state;
	memset(token, '~', sizeof(token));
	assert_int_equal(pointer_push(buf, used, token, sizeof(token)), used);
	assert_string_equal(buf, "/limits");
	used = pointer_push(buf, used, token, 2);
	assert_string_equal(buf, "/limits/~0~0");
	while (pointer_push(buf, used, "x", 1) > used)
		used += 2;
	assert_true(used < POINTER_MAX);
	assert_int_equal(strlen(buf), used);
}

static const struct { const char *word, *best; } slips[] = {
	{ "memroy", "memory" }, { "Memory", "memory" }, { "MEMORY", "memory" }, { "memory", "memory" }, { "memor", "memory" },
	{ "read-only", "read_only" }, { "readonly", "read_only" }, { "xyz", "" }, { "", "" },
	{ "this is a very long word that is longer than any key can be, so there is nothing", "" },
};

static void guesses(void **state)
{
	static const char *const names[] = { "memory", "read_only", "pids", "io" };
	struct guess g;

	(void)state;
	for (size_t i = 0; i < COUNT(slips); i++) {
		guess_start(&g, slips[i].word);
		for (size_t n = 0; n < COUNT(names); n++)
			guess_offer(&g, names[n], strlen(names[n]));
		assert_string_equal(g.best, slips[i].best);
	}
	assert_string_equal(foreign_word("cap_add"), "capabilities");
	assert_string_equal(foreign_word("CapAdd"), "capabilities");
	assert_non_null(strstr(foreign_word("privileged"), "no such mode"));
	assert_null(foreign_word("zzz"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pointers), cmocka_unit_test(back), cmocka_unit_test(broken), cmocka_unit_test(long_pointer),
		cmocka_unit_test(guesses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
