/* whose_test.c - whose a denial is: of one that runs, that ended, and that ended nobody knows when. */
#include "whose.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

enum { BEGIN = 1000 * 1000, UID = 10001 };

static void verdicts(void **state)
{
	/* An ordinary user's own uid is nobody's in particular. */
	const enum whose_verdict by_uid = geteuid() == 0 ? OURS : PERHAPS;
	const struct denial by_pid = { .ms = BEGIN, .pid = 7, .uid = UID + 1, .has_uid = true };
	const struct denial by_namespace = { .ms = BEGIN, .pid = getpid(), .uid = UID + 1, .has_uid = true };
	const struct denial gone = { .ms = BEGIN + 10000, .pid = INT32_MAX, .uid = UID, .has_uid = true };
	struct whose runs = { .begin = BEGIN, .end = UINT64_MAX, .uid = UID, .pid = 7 }, ended = runs, lost = runs, other = runs;

	(void)state;
	assert_true(readlink("/proc/self/ns/pid", runs.pidns, sizeof(runs.pidns) - 1) > 0);
	ended.end = BEGIN + 5000;
	lost = runs;
	lost.lost = true;
	assert_int_equal(whose_judge(&runs, NULL, 0, &by_pid), OURS);
	assert_int_equal(whose_judge(&runs, NULL, 0, &by_namespace), OURS);
	assert_int_equal(whose_judge(&runs, NULL, 0, &gone), by_uid);
	assert_int_equal(whose_judge(&runs, &other, 1, &gone), PERHAPS);
	assert_int_equal(whose_judge(&ended, NULL, 0, &by_pid), OURS);
	assert_int_equal(whose_judge(&ended, NULL, 0, &by_namespace), NOT_OURS);
	assert_int_equal(whose_judge(&ended, NULL, 0, &gone), NOT_OURS);
	/* Its pid may be another's by now, and so may its uid. */
	assert_int_equal(whose_judge(&lost, NULL, 0, &by_pid), PERHAPS);
	assert_int_equal(whose_judge(&lost, NULL, 0, &by_namespace), NOT_OURS);
	assert_int_equal(whose_judge(&lost, NULL, 0, &gone), PERHAPS);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(verdicts) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
