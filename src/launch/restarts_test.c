/* restarts_test.c - when launches of one name are too many: within the time, once for each so many, of this boot. */
#include "restarts.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static bool reached(int base, const char *name, uint64_t now, uint64_t threshold)
{
	struct err e = { 0 };
	bool r = false;

	assert_int_equal(restarts_note(base, name, now, threshold, &r, &e), 0);
	return r;
}

static void launches(void **state)
{
	char dir[] = "/tmp/casemate-restarts-XXXXXX";
	struct err e = { 0 };
	bool r;
	int base;

	(void)state;
	assert_non_null(mkdtemp(dir));
	base = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_false(reached(base, "web", 100, 2));		/* a launch is no restart */
	assert_false(reached(base, "web", 101, 2));
	assert_false(reached(base, "other", 101, 2));
	assert_true(reached(base, "web", 102, 2));
	assert_false(reached(base, "web", 103, 2));		/* counted anew from there */
	assert_true(reached(base, "web", 104, 2));
	assert_false(reached(base, "web", 104 + RESTARTS_WITHIN, 2));
	assert_false(reached(base, "web", 105 + RESTARTS_WITHIN, 2));
	assert_false(reached(base, "web", 104 + 2 * RESTARTS_WITHIN, 2));	/* one of the two has become too old */
	assert_false(reached(base, "web", 1, 1));		/* another boot */
	assert_true(reached(base, "web", 1, 1));
	for (unsigned i = 0; i < RESTARTS_MAX; i++)
		assert_false(reached(base, "many", 7, RESTARTS_MAX));
	assert_true(reached(base, "many", 7, RESTARTS_MAX));
	restarts_forget(base, "web");
	restarts_forget(base, "other");
	restarts_forget(base, "many");
	assert_int_equal(symlinkat("elsewhere", base, ".restarts-web"), 0);
	assert_int_equal(restarts_note(base, "web", 1, 1, &r, &e), -1);
	restarts_forget(base, "web");
	assert_int_equal(rmdir(dir), 0);			/* nothing else was left */
	close(base);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(launches) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
