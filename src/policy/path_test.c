/* What lies in what, by name. */
#include "path.h"

#include "../base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void a_tree_holds_itself_and_what_is_below(void **state)
{
	static const struct { const char *path, *tree; bool below; } rows[] = {
		{ "/a", "/a", true }, { "/a/b/c", "/a", true }, { "/a/b", "/a/b", true }, { "/ab", "/a", false }, { "/a", "/a/b", false },
		{ "/a", "/ab", false }, { "/b/a", "/a", false }, { "/", "/", true }, { "/a", "/", true }, { "/", "/a", false },
		{ "", "/", false }, { "a", "/", false }, { "", "/a", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (path_below(rows[i].path, rows[i].tree) != rows[i].below)
			fail_msg("'%s' in '%s'", rows[i].path, rows[i].tree);
}

static void any_tree_will_do(void **state)
{
	static const char *const trees[] = { "/a", "/b/c", NULL }, *const none[] = { NULL };

	(void)state;
	assert_true(path_below_any("/a", trees) && path_below_any("/b/c/d", trees));
	assert_false(path_below_any("/b", trees) || path_below_any("/", trees) || path_below_any("/a", none));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tree_holds_itself_and_what_is_below), cmocka_unit_test(any_tree_will_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
