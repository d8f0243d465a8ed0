/* health_state_test.c - starting, healthy, unhealthy, and back. */
#include "health_state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct healthcheck_policy rules = { .retries = 3, .start_period = 1000 };

/* "-+..." are results, `at` ms apart; the last letter of what it is then. */
static enum health after(const char *results, uint64_t at, unsigned *changes)
{
	struct health_state s = { .since = 5000 };
	uint64_t now = s.since;

	*changes = 0;
	for (; *results; results++)
		*changes += health_take(&s, &rules, now += at, *results == '+');
	return s.now;
}

static void sequences(void **state)
{
	static const struct { const char *results; uint64_t at; enum health want; unsigned changes; } cases[] = {
		{ "", 1, HEALTH_STARTING, 0 },
		{ "+", 1, HEALTH_HEALTHY, 1 },
		{ "++", 1, HEALTH_HEALTHY, 1 },
		{ "---------", 1, HEALTH_STARTING, 0 },		/* within the start period */
		{ "--", 1000, HEALTH_STARTING, 0 },		/* counted, but too few */
		{ "---", 1000, HEALTH_UNHEALTHY, 1 },
		{ "---", 999, HEALTH_STARTING, 0 },		/* the first came a millisecond too early */
		{ "----", 999, HEALTH_UNHEALTHY, 1 },
		{ "+---", 1, HEALTH_UNHEALTHY, 2 },		/* once healthy, the start period is over */
		{ "+--+--", 1, HEALTH_HEALTHY, 1 },		/* in a row */
		{ "+---+", 1, HEALTH_HEALTHY, 3 },
		{ "+-------", 1, HEALTH_UNHEALTHY, 2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned changes;
		enum health now = after(cases[i].results, cases[i].at, &changes);

		if (now != cases[i].want || changes != cases[i].changes)
			fail_msg("'%s': %s after %u changes", cases[i].results, health_name(now), changes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(sequences) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
