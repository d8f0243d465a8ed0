/* notify_test.c - addresses, and what arrives at a real socket. */
#include "notify.h"
#include "../base/cleanup.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include <cmocka.h>

static char scratch[] = "/tmp/casemate-notify-XXXXXX";

/* A manager's socket; its address as $NOTIFY_SOCKET has it. */
static int listen_at(const char *address)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	size_t n = strlen(address);
	int one = 1, fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	memcpy(at.sun_path, address, n + 1);
	if (address[0] == '@')
		at.sun_path[0] = '\0';
	assert_int_equal(bind(fd, (struct sockaddr *)&at, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)), 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &one, sizeof(one)), 0);
	return fd;
}

static void hear(int fd, const char *want)
{
	char got[2048] = "";
	ssize_t n = recv(fd, got, sizeof(got) - 1, 0);

	assert_true(n >= 0);
	assert_string_equal(got, want);
}

static void speak(const char *address)
{
	const struct err why = { .kind = ERR_HOST, .sys = ENOENT, .step = "rootfs", .path = "/rootfs", .msg = "cannot\nopen" };
	_auto(close_fd) int fd = listen_at(address);
	struct err e = { 0 };
	struct notify n;

	assert_int_equal(notify_open(&n, &sys_kernel, address, &e), 0);
	assert_true(n.fd >= 0);
	notify_send(&n, "READY=1\nMAINPID=%d", 7);
	hear(fd, "READY=1\nMAINPID=7");
	notify_failure(&n, &why);
	hear(fd, "EXIT_STATUS=125\nERRNO=2\nSTATUS=rootfs: /rootfs: cannot\\x0aopen: No such file or directory");
	notify_close(&n);
	assert_int_equal(n.fd, -1);
}

static void a_path_and_an_abstract_name(void **state)
{
	char path[64], name[64];

	(void)state;
	assert_non_null(mkdtemp(scratch));
	snprintf(path, sizeof(path), "%s/notify", scratch);
	snprintf(name, sizeof(name), "@%s", scratch);
	speak(path);
	speak(name);
	unlink(path);
	rmdir(scratch);
}

static void addresses_that_never_work(void **state)
{
	char long_one[sizeof(((struct sockaddr_un *)NULL)->sun_path) + 1];
	const char *const bad[] = { "vsock:2:1234", "run/notify", "/", "@", long_one };

	(void)state;
	memset(long_one, 'x', sizeof(long_one) - 1);
	long_one[0] = '/';
	long_one[sizeof(long_one) - 1] = '\0';
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct err e = { 0 };
		struct notify n;

		assert_int_equal(notify_open(&n, &sys_kernel, bad[i], &e), -1);
		assert_int_equal(e.kind, ERR_USAGE);
		assert_string_equal(e.step, "notify");
		assert_int_equal(n.fd, -1);
	}
}

static void nobody_there_is_no_error(void **state)
{
	const char *const none[] = { NULL, "", "/nonexistent/notify" };

	(void)state;
	for (size_t i = 0; i < COUNT(none); i++) {
		struct err e = { 0 };
		struct notify n;

		assert_int_equal(notify_open(&n, &sys_kernel, none[i], &e), 0);
		assert_int_equal(n.fd, -1);
		notify_send(&n, "READY=1");
		notify_close(&n);
	}
}

/* Waiting is over at once; all else is real. */
static long no_patience(void *ctx, long nr, const unsigned long a[6])
{
	(void)ctx;
	return nr == SYS_ppoll ? 0 : sys_kernel.call(sys_kernel.ctx, nr, a);
}

static void a_manager_that_does_not_read(void **state)
{
	const struct sys impatient = { .call = no_patience };
	_auto(close_fd) int fd = listen_at("@casemate-notify-busy");
	struct err e = { 0 };
	struct notify n;

	(void)state;
	assert_int_equal(notify_open(&n, &impatient, "@casemate-notify-busy", &e), 0);
	notify_send(&n, "READY=1");
	assert_int_equal(recv(fd, (char[8]){ 0 }, 8, 0), -1);
	n.sys = &sys_kernel;
	notify_send(&n, "READY=1");
	hear(fd, "READY=1");
	notify_close(&n);
}

/* The socket does not block, whatever a race makes of poll's answer. */
static void a_full_queue(void **state)
{
	int fd = listen_at("@casemate-notify-full"), r = 0;
	struct err e = { 0 };
	struct notify n;

	(void)state;
	assert_int_equal(notify_open(&n, &sys_kernel, "@casemate-notify-full", &e), 0);
	for (int i = 0; i < 1 << 20 && r == 0; i++)
		r = sys_send(&sys_kernel, n.fd, "x", 1);
	assert_int_equal(r, -EAGAIN);
	notify_close(&n);
	close(fd);
}

static void a_long_text_is_cut(void **state)
{
	_auto(close_fd) int fd = listen_at("@casemate-notify-long");
	char text[2000], got[2048];
	struct err e = { 0 };
	struct notify n;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(notify_open(&n, &sys_kernel, "@casemate-notify-long", &e), 0);
	notify_send(&n, "STATUS=%s", text);
	assert_int_equal(recv(fd, got, sizeof(got), 0), 1023);
	notify_close(&n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_and_an_abstract_name),
		cmocka_unit_test(addresses_that_never_work),
		cmocka_unit_test(nobody_there_is_no_error),
		cmocka_unit_test(a_manager_that_does_not_read),
		cmocka_unit_test(a_full_queue),
		cmocka_unit_test(a_long_text_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
