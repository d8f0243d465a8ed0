/* execs_test.c - which of the kernel's records are about a program, and when they are too many. */
#include "execs.h"
#include "../base/cleanup.h"
#include "../launch/service.h"
#include "../seccomp/calls.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
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

static bool is_call(unsigned arch, int call)
{
	char line[200];

	snprintf(line, sizeof(line), "type=1326 audit(1700000000.123:45): auid=0 uid=10001 gid=10001 ses=1 pid=7 comm=\"sh\" exe=\"/bin/sh\" sig=0 "
		 "arch=%x syscall=%d compat=0 ip=0x1 code=0x50000", arch, call);
	return is_exec(line);
}

static void records(void **state)
{
	(void)state;
	assert_true(is_call(CALL_ARCH, SYS_execve));
	assert_true(is_call(CALL_ARCH, SYS_execveat));
	assert_false(is_call(CALL_ARCH, SYS_bpf));
	assert_false(is_call(AUDIT_ARCH_I386, SYS_execve));	/* another call there */
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
	/* The time goes back from each, however long before the first one was. */
	assert_false(exec_count(&c, 2 * late));
	assert_false(exec_count(&c, 3 * late - 2));
	assert_false(exec_count(&c, 3 * late));
	assert_true(exec_count(&c, 3 * late + 1));
}

/* --- from the record to the manager --- */

struct kernel { const char *record; };	/* one that waits, or NULL */

static long call(void *ctx, long nr, const unsigned long a[6])
{
	struct kernel *k = ctx;
	struct nlmsghdr head = { .nlmsg_type = AUDIT_SECCOMP };
	size_t n = k->record ? strlen(k->record) : 0;

	if (nr == SYS_socket)
		return open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (nr == SYS_bind)
		return 0;
	assert_int_equal(nr, SYS_recvfrom);
	if (!k->record)
		return -EAGAIN;
	assert_true(sizeof(head) + n <= a[2]);
	memcpy((void *)a[1], &head, sizeof(head));
	memcpy((char *)a[1] + sizeof(head), k->record, n);
	k->record = NULL;
	return (long)(sizeof(head) + n);
}

static void tell(void *ctx, const char *what, const char *message)
{
	service_alert(ctx, what, message);
}

/* The name of the program is the workload's own text (PR_SET_NAME), and the kernel's hexadecimal brings it whole. */
static void a_workload_says_nothing_to_the_manager(void **state)
{
	char text[200], got[512] = "";
	struct kernel kernel = { .record = text };
	const struct sys sys = { .call = call, .ctx = &kernel };
	const struct plan plan = { .name = "web" };
	const struct launch launch = { .plan = &plan };
	const struct audit audit = AUDIT_NONE;
	struct notify manager = { .sys = &sys_kernel };
	struct service service = { .launch = &launch, .manager = &manager, .audit = &audit };
	struct exec_watch w = { .uid = 10001, .count.threshold = 1, .watch.fd = -1, .tell = tell, .ctx = &service };
	struct err e = { 0 };
	int pair[2];

	(void)state;
	snprintf(text, sizeof(text), "audit(1700000000.123:45): auid=0 uid=10001 gid=10001 ses=1 pid=7 comm=0A52454144593D310A exe=\"/bin/sh\" "
		 "sig=0 arch=%x syscall=%d compat=0 ip=0x1 code=0x50000", CALL_ARCH, SYS_execve);
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair), 0);
	manager.fd = pair[0];
	assert_int_equal(execs_begin(&w, &sys, &e), 0);
	w.watch.happened(w.watch.ctx, POLLIN);
	assert_true(recv(pair[1], got, sizeof(got) - 1, 0) > 0);
	assert_string_equal(got, "STATUS=container web: 1 programs were refused within 10 minutes, the last to \\x0aREADY=1\\x0a (seccomp)");
	execs_end(&w);
	close(pair[0]);
	close(pair[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(records), cmocka_unit_test(counts), cmocka_unit_test(a_workload_says_nothing_to_the_manager) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
