/* execs_test.c - which of the kernel's records are about a program, and when they are too many. */
#include "execs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/syscall.h>

#include <cmocka.h>

static bool is_exec(const char *line)
{
	struct denial d;

	assert_int_equal(denial_parse(line, &d), 0);
	assert_true(d.has_uid);
	assert_int_equal(d.uid, 10001);
	return denial_is_exec(&d);
}

static bool is_call(int call)
{
	char line[200];

	snprintf(line, sizeof(line), "type=1326 audit(1700000000.123:45): auid=0 uid=10001 gid=10001 ses=1 pid=7 comm=\"sh\" exe=\"/bin/sh\" sig=0 "
		 "arch=c000003e syscall=%d compat=0 ip=0x1 code=0x50000", call);
	return is_exec(line);
}

static void records(void **state)
{
	(void)state;
	assert_true(is_call(SYS_execve));
	assert_true(is_call(SYS_execveat));
	assert_false(is_call(SYS_bpf));
	assert_true(is_exec("type=1400 audit(1700000000.123:45): apparmor=\"DENIED\" operation=\"exec\" profile=\"p\" name=\"/bin/x\" pid=7 comm=\"sh\" "
			    "requested_mask=\"x\" denied_mask=\"x\" fsuid=10001 ouid=0"));
	assert_false(is_exec("type=1400 audit(1700000000.123:45): apparmor=\"DENIED\" operation=\"open\" profile=\"p\" name=\"/bin/x\" pid=7 comm=\"sh\" "
			     "requested_mask=\"r\" denied_mask=\"r\" fsuid=10001 ouid=0"));
}

static void counts(void **state)
{
	struct exec_count c = { .threshold = 3 };
	const uint64_t late = EXECS_WITHIN * 1000;

	(void)state;
	assert_false(exec_count(&c, 10));
	assert_false(exec_count(&c, 11));
	assert_true(exec_count(&c, 12));
	assert_false(exec_count(&c, 13));		/* anew */
	assert_false(exec_count(&c, 14));
	assert_false(exec_count(&c, 13 + late));	/* those two are too old */
	assert_false(exec_count(&c, 14 + late));
	assert_true(exec_count(&c, 15 + late));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(records), cmocka_unit_test(counts) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
