/* notify_message_test.c - what goes on to the manager, what is rewritten, and what is refused why. */
#include "notify_message.h"
#include "../base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct notify_view plain = { .main_pid = 4711 };

#define BIT(why) (1U << NOTIFY_##why)

static const struct {
	const char *said, *want;
	unsigned refused;
	const char *culprit;
} cases[] = {
	{ "READY=1", "READY=1", 0, "" },
	{ "READY=1\n", "READY=1", 0, "" },
	{ "\n\nREADY=1\n\nSTATUS=on\n", "READY=1\nSTATUS=on", 0, "" },
	{ "STOPPING=1\nERRNO=2\nBUSERROR=org.freedesktop.DBus.Error.Timeout", "STOPPING=1\nERRNO=2\nBUSERROR=org.freedesktop.DBus.Error.Timeout", 0, "" },
	{ "RELOADING=1\nMONOTONIC_USEC=123456", "RELOADING=1\nMONOTONIC_USEC=123456", 0, "" },
	{ "WATCHDOG=1", "WATCHDOG=1", 0, "" },
	{ "WATCHDOG=trigger", "WATCHDOG=trigger", 0, "" },
	{ "EXTEND_TIMEOUT_USEC=5000000", "EXTEND_TIMEOUT_USEC=5000000", 0, "" },
	{ "STATUS=", "STATUS=", 0, "" },
	{ "STATUS=a=b", "STATUS=a=b", 0, "" },
	{ "STATUS=\x1b]0;x\x07 \xc2\x9b" "31m \xc3\xa4", "STATUS=?]0;x? ??31m \xc3\xa4", 0, "" },
	{ "BARRIER=1", "", 0, "" },
	/* rewritten */
	{ "MAINPID=2\nREADY=1", "MAINPID=4711\nREADY=1", 0, "" },
	/* refused, and the rest goes on */
	{ "FDSTORE=1\nFDNAME=x\nSTATUS=on", "STATUS=on", BIT(STORE), "FDSTORE" },
	{ "FDSTOREREMOVE=1\nFDNAME=x", "", BIT(STORE), "FDSTOREREMOVE" },
	{ "MAINPIDFD=1", "", BIT(MAIN), "MAINPIDFD" },
	{ "MAINPIDFDID=77", "", BIT(MAIN), "MAINPIDFDID" },
	{ "NOTIFYACCESS=all", "", BIT(OTHER), "NOTIFYACCESS" },
	{ "WATCHDOG_USEC=1", "", BIT(OTHER), "WATCHDOG_USEC" },
	{ "EXIT_STATUS=0", "", BIT(OTHER), "EXIT_STATUS" },
	{ "X_MINE=1\nREADY=1", "READY=1", BIT(OTHER), "X_MINE" },
	{ "ready=1", "", BIT(OTHER), "ready" },
	{ "READY", "", BIT(OTHER), "READY" },
	{ "=1", "", BIT(OTHER), "" },
	{ " READY=1", "", BIT(OTHER), "?READY" },
	{ "READY=2", "", BIT(VALUE), "READY" },
	{ "READY=", "", BIT(VALUE), "READY" },
	{ "READY=1 ", "", BIT(VALUE), "READY" },
	{ "ERRNO=-2", "", BIT(VALUE), "ERRNO" },
	{ "ERRNO=", "", BIT(VALUE), "ERRNO" },
	{ "EXTEND_TIMEOUT_USEC=123456789012345678901", "", BIT(VALUE), "EXTEND_TIMEOUT_USEC" },
	{ "MAINPID=self", "", BIT(VALUE), "MAINPID" },
	{ "WATCHDOG=0", "", BIT(VALUE), "WATCHDOG" },
	{ "BUSERROR=a b", "", BIT(VALUE), "BUSERROR" },
	{ "MONOTONIC_USEC=1e3", "", BIT(VALUE), "MONOTONIC_USEC" },
	{ "MAINPIDFD=1\nFDSTORE=1", "", BIT(MAIN) | BIT(STORE), "MAINPIDFD" },
	{ "\x1b[2J=1", "", BIT(OTHER), "?[2J" },
};

static void lines(void **state)
{
	struct notify_message m;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		notify_judge(cases[i].said, strlen(cases[i].said), &plain, &m);
		if (m.len != strlen(cases[i].want) || memcmp(m.text, cases[i].want, m.len) != 0)
			fail_msg("'%s' became '%.*s'", cases[i].said, (int)m.len, m.text);
		if (m.refused != cases[i].refused || strcmp(m.culprit, cases[i].culprit) != 0)
			fail_msg("'%s': refused %#x because of '%s'", cases[i].said, m.refused, m.culprit);
	}
}

static void states(void **state)
{
	struct notify_message m;

	(void)state;
	notify_judge("READY=1", 7, &plain, &m);
	assert_true(m.ready && !m.reloading && !m.stopping);
	notify_judge("RELOADING=1\nSTOPPING=1", 22, &plain, &m);
	assert_true(!m.ready && m.reloading && m.stopping);
	notify_judge("READY=0", 7, &plain, &m);
	assert_false(m.ready);
}

/* A NUL ends nothing: it is a byte of a value, and of none that passes as it is. */
static void bytes_of_zero(void **state)
{
	struct notify_message m;

	(void)state;
	notify_judge("STATUS=a\0b\nREADY=1", 18, &plain, &m);
	assert_int_equal(m.len, 18);
	assert_memory_equal(m.text, "STATUS=a?b\nREADY=1", 18);
	notify_judge("READY=1\0", 8, &plain, &m);
	assert_int_equal(m.len, 0);
	notify_judge("ERRNO=1\0002", 9, &plain, &m);
	assert_int_equal(m.len, 0);
}

static void an_unhealthy_one_is_not_alive(void **state)
{
	const struct notify_view sick = { .main_pid = 1, .unhealthy = true };
	struct notify_message m;

	(void)state;
	notify_judge("WATCHDOG=1\nSTATUS=fine", 22, &sick, &m);
	assert_int_equal(m.len, 11);
	assert_memory_equal(m.text, "STATUS=fine", 11);
	assert_int_equal(m.refused, 0);
}

static void another_clock(void **state)
{
	const struct notify_view ahead = { .main_pid = 1, .monotonic = 3600 }, behind = { .main_pid = 1, .monotonic = -10 };
	struct notify_message m;

	(void)state;
	notify_judge("MONOTONIC_USEC=3600000007", 25, &ahead, &m);
	assert_int_equal(m.len, 16);
	assert_memory_equal(m.text, "MONOTONIC_USEC=7", 16);
	notify_judge("MONOTONIC_USEC=3599999999", 25, &ahead, &m);
	assert_int_equal(m.refused, BIT(VALUE));
	notify_judge("MONOTONIC_USEC=5", 16, &behind, &m);
	assert_memory_equal(m.text, "MONOTONIC_USEC=10000005", m.len);
}

/* The longest message passes whole, one byte more not at all; what grows beyond the room is refused, not cut. */
static void lengths(void **state)
{
	static char said[NOTIFY_BYTES_MAX + 1];
	struct notify_message m;
	size_t n = 0;

	(void)state;
	memset(said, 'x', sizeof(said));
	memcpy(said, "STATUS=", 7);
	notify_judge(said, NOTIFY_BYTES_MAX, &plain, &m);
	assert_int_equal(m.len, NOTIFY_BYTES_MAX);
	notify_judge(said, NOTIFY_BYTES_MAX + 1, &plain, &m);
	assert_int_equal(m.len, 0);
	assert_int_equal(m.refused, BIT(LENGTH));
	while (n + 11 < NOTIFY_BYTES_MAX) {
		memcpy(said + n, "MAINPID=1\n", 10);
		n += 10;
	}
	notify_judge(said, n, &(struct notify_view){ .main_pid = 4194304 }, &m);
	assert_true(m.len < sizeof(m.text) && m.refused == BIT(VALUE));
	assert_memory_equal(m.text + m.len - 15, "MAINPID=4194304", 15);
}

static void every_refusal_has_a_reason(void **state)
{
	(void)state;
	for (unsigned i = 0; i < NOTIFY_REFUSALS; i++)
		assert_non_null(notify_why((enum notify_refusal)i));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(states),
		cmocka_unit_test(bytes_of_zero),
		cmocka_unit_test(an_unhealthy_one_is_not_alive),
		cmocka_unit_test(another_clock),
		cmocka_unit_test(lengths),
		cmocka_unit_test(every_refusal_has_a_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
