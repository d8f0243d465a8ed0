/* trim_test.c - the kernel counts less memory afterwards, and nothing that is in use has changed. */
#include "trim.h"
#include "../base/procfs.h"
#include "../base/sys.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char constant[] = "read from the file again";

/* KiB of this process: RssAnon, RssFile. */
static uint64_t size(const char *field)
{
	char status[8192];
	uint64_t kib = 0;

	assert_true(sys_read_file(&sys_kernel, AT_FDCWD, "/proc/self/status", status, sizeof(status)) > 0);
	assert_int_equal(proc_numbers(status, field, &kib, 1), 1);
	return kib;
}

static __attribute__((noinline)) void reach_deep(void)
{
	volatile char deep[512 * 1024];

	for (size_t i = 0; i < sizeof(deep); i += 1024)
		deep[i] = 1;
}

static void it_shrinks_and_keeps_its_content(void **state)
{
	char *kept = strdup("kept"), local[64] = "local";
	uint64_t anon, file;

	(void)state;
	reach_deep();
	anon = size("RssAnon");
	file = size("RssFile");
	trim_memory();
	assert_true(size("RssAnon") + 256 < anon);
	assert_true(size("RssFile") + 256 < file);
	assert_string_equal(kept, "kept");
	assert_string_equal(local, "local");
	assert_string_equal(constant, "read from the file again");
	free(kept);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(it_shrinks_and_keeps_its_content) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
