/* checker_test.c - a pid that another process has by now is not entered. */
#include "checker.h"

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* PID 1 has ended, its workload's pid is that of a process that lives: ours. */
static void workload_is_over(void **state)
{
	const struct healthcheck_policy policy = { .tcp = 1, .timeout = 1000 };
	const struct plan plan = { .network = NETWORK_NONE, .healthcheck = &policy };
	struct launch l = { .plan = &plan, .sys = &sys_kernel, .rootless = true, .pidfd = -1, .workload = getpid() };
	struct clone_args args = { .flags = CLONE_PIDFD, .pidfd = (uintptr_t)&l.pidfd, .exit_signal = SIGCHLD };
	struct checker k;
	struct err e = { 0 };
	siginfo_t info;
	int answer, pid = sys_clone3(&sys_kernel, &args, sizeof(args));

	(void)state;
	if (pid == 0)
		_exit(0);
	assert_true(pid > 0);
	assert_int_equal(waitid(P_PIDFD, (id_t)l.pidfd, &info, WEXITED | WNOWAIT), 0);
	if (checker_start(&k, &l, &policy, &e) < 0)
		fail_msg("%s", e.msg);
	(void)!sys_send(&sys_kernel, k.channel, "c", 1);
	assert_true(sys_recv(&sys_kernel, k.channel, &answer, sizeof(answer), 0) <= 0);	/* nobody is there */
	checker_stop(&k, &sys_kernel);
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED), 0);
	close(l.pidfd);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(workload_is_over) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
