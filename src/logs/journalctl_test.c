/* journalctl_test.c - a journalctl that fails, or says what is no export, is an error, and nobody is left of it. */
#include "journalctl.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void nothing(void *ctx)
{
	(void)ctx;
}

static void no_field(void *ctx, const struct export_field *f)
{
	(void)ctx;
	(void)f;
}

static void fails(const char *option, const char *message)
{
	const char *const argv[] = { "journalctl", option, NULL };
	struct err e = { 0 };

	assert_int_equal(journal_read(&(struct journal_query){ argv, nothing, no_field, nothing, NULL, NULL }, &e), -1);
	assert_non_null(strstr(e.msg, message));
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void failures(void **state)
{
	(void)state;
	fails("--no-such-option", "journalctl failed");
	if (access(JOURNALCTL, X_OK) == 0)
		fails("--version", "makes no sense");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(failures) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
