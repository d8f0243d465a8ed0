/* checker_test.c - a pid that another process has by now is not entered, and a container that is just ending is no error. */
#include "checker.h"

#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static const struct healthcheck_policy tcp = { .tcp = 1, .timeout = 1000 };
static const struct plan plan = { .network = NETWORK_NONE, .healthcheck = &tcp };

/* A container whose workload's pid is that of a process that lives, ours, and whose PID 1 lives for so long. */
static struct launch container(const struct sys *sys, unsigned ms)
{
	struct launch l = { .plan = &plan, .sys = sys, .rootless = true, .pidfd = -1, .workload = getpid() };
	struct clone_args args = { .flags = CLONE_PIDFD, .pidfd = (uintptr_t)&l.pidfd, .exit_signal = SIGCHLD };
	int pid = sys_clone3(&sys_kernel, &args, sizeof(args));

	if (pid == 0) {
		usleep(ms * 1000);
		_exit(0);
	}
	assert_true(pid > 0);
	return l;
}

static void bury(struct launch *l)
{
	siginfo_t info;

	assert_true(sys_pidfd_send_signal(&sys_kernel, l->pidfd, SIGKILL) >= 0);
	assert_int_equal(waitid(P_PIDFD, (id_t)l->pidfd, &info, WEXITED), 0);
	close(l->pidfd);
}

static void workload_is_over(void **state)
{
	struct launch l = container(&sys_kernel, 0);
	struct checker k;
	struct err e = { 0 };
	siginfo_t info;
	int answer;

	(void)state;
	assert_int_equal(waitid(P_PIDFD, (id_t)l.pidfd, &info, WEXITED | WNOWAIT), 0);
	if (checker_start(&k, &l, &tcp, &e) < 0)
		fail_msg("%s", e.msg);
	(void)!sys_send(&sys_kernel, k.channel, "c", 1);
	assert_true(sys_recv(&sys_kernel, k.channel, &answer, sizeof(answer), 0) <= 0);	/* nobody is there */
	checker_stop(&k, &sys_kernel);
	bury(&l);
}

/* What the kernel says of a process that is reaped while the path is walked; and of one that is not to be looked into. */
static long no_network(void *ctx, long nr, const unsigned long arg[6])
{
	const char *path = nr == SYS_openat ? (const char *)arg[1] : "";
	size_t len = strlen(path);

	(void)ctx;
	if (len > 7 && strcmp(path + len - 7, "/ns/net") == 0)
		return -EACCES;
	return sys_kernel.call(sys_kernel.ctx, nr, arg);
}

static int start_without_network(unsigned ms, struct err *e)
{
	const struct sys gate = { .call = no_network };
	struct launch l = container(&gate, ms);
	struct checker k;
	int r = checker_start(&k, &l, &tcp, e);

	checker_stop(&k, &sys_kernel);
	bury(&l);
	return r;
}

static void workload_is_ending(void **state)
{
	struct err e = { 0 };

	(void)state;
	if (start_without_network(100, &e) < 0)
		fail_msg("%s", e.msg);
}

static void network_is_closed_to_us(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_int_equal(start_without_network(600 * 1000, &e), -1);
	assert_int_equal(e.sys, EACCES);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(workload_is_over), cmocka_unit_test(workload_is_ending),
		cmocka_unit_test(network_is_closed_to_us) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
