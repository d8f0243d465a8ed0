/* alerts_test.c - when a number is told: sustained, once, and again after it was well; and what is read for it. */
#include "alerts.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void told(const char *values, const char *want, uint64_t threshold, unsigned needed)
{
	struct gauge g = { .threshold = threshold, .needed = needed };
	char got[32] = "";

	for (size_t i = 0; values[i]; i++)
		got[i] = gauge_take(&g, (uint64_t)(values[i] - '0')) ? '!' : '.';
	assert_string_equal(got, want);
}

static void gauges(void **state)
{
	(void)state;
	told("99999", ".....", 0, 1);		/* off */
	told("44544", "..!..", 5, 1);		/* at the threshold */
	told("5555", "!...", 5, 1);		/* once */
	told("559559", "!.....", 5, 1);
	told("545", "!.!", 5, 1);		/* again after it was well */
	told("55555", "..!..", 5, 3);		/* sustained */
	told("554555", ".....!", 5, 3);		/* in a row */
	told("5554555", "..!...!", 5, 3);
}

/* Files as the kernel's, in a directory of our own. */
#define DIR_TEMPLATE "/tmp/casemate-alerts-XXXXXX"
static char dir[] = DIR_TEMPLATE, heard[512];

static void put(const char *name, const char *text)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "we");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void hear(void *ctx, const char *what, const char *message)
{
	size_t n = strlen(heard);

	(void)ctx;
	snprintf(heard + n, sizeof(heard) - n, "%s: %s|", what, message);
}

static void look(struct alerts *a, struct loop *loop, const char *want)
{
	heard[0] = '\0';
	a->last_time = loop_now() - 10000;
	a->samples.due = 0;
	assert_int_equal(loop_wait(loop, loop_now()), 0);
	if (a->samples.due == 0)
		assert_int_equal(loop_wait(loop, loop_now() + 10), 0);
	assert_true(a->samples.due > loop_now());
	assert_string_equal(heard, want);
}

static void samples(void **state)
{
	static const struct alerts_policy policy = { .cpu_throttled = 50, .pids = 90 };
	static const struct plan plan = { .alerts = &policy };
	struct launch l = { .plan = &plan, .sys = &sys_kernel };
	struct alerts a = { .tell = hear };
	struct loop loop = LOOP_INIT;
	struct err e = { 0 };

	(void)state;
	strcpy(dir, DIR_TEMPLATE);
	assert_non_null(mkdtemp(dir));
	l.cgroup = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	put("cpu.stat", "usage_usec 5\nthrottled_usec 0\n");
	put("pids.current", "89\n");
	put("pids.max", "100\n");
	assert_int_equal(alerts_begin(&a, &l, &loop, &e), 0);
	look(&a, &loop, "");
	put("pids.current", "90\n");
	put("cpu.stat", "throttled_usec 6050000\n");
	look(&a, &loop, "pids_near_limit: 90 of 100 processes and threads|");
	put("cpu.stat", "throttled_usec 12100000\n");
	look(&a, &loop, "");
	put("cpu.stat", "throttled_usec 18150000\n");
	look(&a, &loop, "cpu_throttled: held back by limits.cpus for 60 % of the last 10 s|");
	put("pids.max", "max\n");
	look(&a, &loop, "");
	alerts_end(&a);
	loop_close(&loop);
	close(l.cgroup);
	for (size_t i = 0; i < 3; i++) {
		char path[64];

		snprintf(path, sizeof(path), "%s/%s", dir, ((const char *[]){ "cpu.stat", "pids.current", "pids.max" })[i]);
		unlink(path);
	}
	rmdir(dir);
}

static void pressure(void **state)
{
	static const struct alerts_policy policy = { .memory_pressure = 20 };
	static const struct plan plan = { .alerts = &policy };
	struct launch l = { .plan = &plan, .sys = &sys_kernel };
	struct alerts a = { .tell = hear };
	struct loop loop = LOOP_INIT;
	struct err e = { 0 };
	int fd;

	(void)state;
	strcpy(dir, DIR_TEMPLATE);
	assert_non_null(mkdtemp(dir));
	l.cgroup = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	put("memory.pressure", "");
	heard[0] = '\0';
	assert_int_equal(alerts_begin(&a, &l, &loop, &e), 0);
	fd = a.pressure.fd;
	a.pressure.happened(a.pressure.ctx, POLLPRI);
	a.pressure.happened(a.pressure.ctx, POLLPRI);
	assert_string_equal(heard, "memory_pressure: some of it waited for memory for 20 % of the time|");
	/* The cgroup is removed: there is nothing to wait for any more, nor to keep. */
	a.pressure.happened(a.pressure.ctx, POLLPRI | POLLERR);
	assert_int_equal(a.pressure.fd, -1);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	alerts_end(&a);
	loop_close(&loop);
	assert_int_equal(unlinkat(l.cgroup, "memory.pressure", 0), 0);
	close(l.cgroup);
	rmdir(dir);
}

static void nothing_to_look_at(void **state)
{
	static const struct alerts_policy policy = { .pids = 90 };
	static const struct plan plan = { .alerts = &policy };
	const struct launch l = { .plan = &plan, .sys = &sys_kernel, .cgroup = -1 };
	struct alerts a = { .tell = hear };
	struct loop loop = LOOP_INIT;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(alerts_begin(&a, &l, &loop, &e), -1);
	assert_string_equal(e.path, "/alerts");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gauges),
		cmocka_unit_test(samples),
		cmocka_unit_test(pressure),
		cmocka_unit_test(nothing_to_look_at),
	};
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
