/* listen_test.c - what is said of handed-over sockets, and what they turn out to be. */
#include "listen.h"
#include "../base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#define ENV(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void parses(const char *const *env, size_t n, const char *names)
{
	struct listen_said said;
	struct err e = { 0 };
	char got[256] = "";

	if (listen_parse(env, 77, &said, &e) < 0)
		fail_msg("%s", e.msg);
	assert_int_equal(said.n, n);
	for (size_t i = 0; i < said.n; i++)
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%.*s|", (int)said.name[i].len, said.name[i].s);
	assert_string_equal(got, names);
}

static void refuses(const char *const *env, const char *why)
{
	struct listen_said said;
	struct err e = { 0 };

	assert_int_equal(listen_parse(env, 77, &said, &e), -1);
	assert_int_equal(e.kind, ERR_USAGE);
	if (!strstr(e.msg, why))
		fail_msg("'%s' does not say %s", e.msg, why);
}

static void what_is_said(void **state)
{
	(void)state;
	parses(ENV("A=b"), 0, "");
	parses(ENV("LISTEN_FDS=1"), 0, "");
	parses(ENV("LISTEN_PID=77"), 0, "");
	parses(ENV("LISTEN_PID=77", "LISTEN_FDS=0", "LISTEN_FDNAMES="), 0, "");
	parses(ENV("LISTEN_PID=78", "LISTEN_FDS=2"), 0, "");	/* another's */
	parses(ENV("LISTEN_PID=78", "LISTEN_FDS=x"), 0, "");
	parses(ENV("LISTEN_PID=77", "LISTEN_FDS=2"), 2, "unknown|unknown|");
	parses(ENV("LISTEN_PID=77", "LISTEN_FDS=1", "LISTEN_FDNAMES=web.socket"), 1, "web.socket|");
	parses(ENV("LISTEN_PID=77", "LISTEN_FDS=3", "LISTEN_FDNAMES=a:b:a"), 3, "a|b|a|");
	parses(ENV("LISTEN_PID=77", "LISTEN_FDS=2", "LISTEN_FDNAMES=:"), 2, "||");
}

static void what_makes_no_sense(void **state)
{
	(void)state;
	refuses(ENV("LISTEN_PID=", "LISTEN_FDS=1"), "LISTEN_PID");
	refuses(ENV("LISTEN_PID=0", "LISTEN_FDS=1"), "LISTEN_PID");
	refuses(ENV("LISTEN_PID=-77", "LISTEN_FDS=1"), "LISTEN_PID");
	refuses(ENV("LISTEN_PID=77 ", "LISTEN_FDS=1"), "LISTEN_PID");
	refuses(ENV("LISTEN_PID=4294967373", "LISTEN_FDS=1"), "LISTEN_PID");	/* 77 + 2^32 */
	refuses(ENV("LISTEN_PID=77", "LISTEN_FDS="), "LISTEN_FDS");
	refuses(ENV("LISTEN_PID=77", "LISTEN_FDS=-1"), "LISTEN_FDS");
	refuses(ENV("LISTEN_PID=77", "LISTEN_FDS=1x"), "LISTEN_FDS");
	refuses(ENV("LISTEN_PID=77", "LISTEN_FDS=99999999999999999999"), "LISTEN_FDS");
	refuses(ENV("LISTEN_PID=77", "LISTEN_FDS=257"), "257 sockets");
	refuses(ENV("LISTEN_PID=77", "LISTEN_FDS=2147483647"), "2147483647 sockets");
	refuses(ENV("LISTEN_PID=77", "LISTEN_FDS=2", "LISTEN_FDNAMES=a"), "LISTEN_FDNAMES");
	refuses(ENV("LISTEN_PID=77", "LISTEN_FDS=1", "LISTEN_FDNAMES=a:b"), "LISTEN_FDNAMES");
	refuses(ENV("LISTEN_PID=77", "LISTEN_FDS=1", "LISTEN_FDNAMES=a:"), "LISTEN_FDNAMES");
}

/* Sockets of these kinds at 3, 4 ...: put there, since that is where they come. */
struct given { const char *name; int family, type; bool listens; };

static int launch_with(const struct socket_policy *want, size_t n_want, const struct given *given, size_t n, struct err *e)
{
	const char *names[8];
	struct plan plan = { .sockets = want, .n_sockets = n_want, .socket_names = names, .preserve_fds = (unsigned)n };
	struct launch l = { .plan = &plan, .sys = &sys_kernel };
	int r;

	for (size_t i = 0; i < n; i++) {
		int fd = given[i].family ? socket(given[i].family, given[i].type | SOCK_CLOEXEC, 0) : open("/dev/null", O_RDWR | O_CLOEXEC);

		assert_true(fd >= 0);
		if (given[i].listens)
			assert_int_equal(listen(fd, 1), 0);
		names[i] = given[i].name;
		if (fd != LISTEN_FIRST + (int)i) {
			assert_true(dup2(fd, LISTEN_FIRST + (int)i) >= 0);
			close(fd);
		}
	}
	*e = (struct err){ 0 };
	r = listen_check(&l, e);
	for (size_t i = 0; i < n; i++)
		close(LISTEN_FIRST + (int)i);
	return r;
}

static void kinds_that_fit(void **state)
{
	const struct socket_policy web = { "web", SOCKET_INET, SOCKET_STREAM, false }, dns = { "web", SOCKET_INET, SOCKET_DGRAM, false };
	const struct socket_policy both[] = { web, dns };
	struct err e;

	(void)state;
	assert_int_equal(launch_with(&web, 1, &(struct given){ "web", AF_INET, SOCK_STREAM, true }, 1, &e), 0);
	assert_int_equal(launch_with(&web, 1, &(struct given){ "web", AF_INET6, SOCK_STREAM, true }, 1, &e), 0);
	assert_int_equal(launch_with(both, 2, (struct given[]){ { "web", AF_INET6, SOCK_STREAM, true }, { "web", AF_INET, SOCK_DGRAM, false } }, 2, &e), 0);
	assert_int_equal(launch_with(&web, 1, (struct given[]){ { "web", AF_INET6, SOCK_STREAM, true }, { "web", AF_INET, SOCK_STREAM, true } }, 2, &e), 0);
	assert_int_equal(launch_with(NULL, 0, NULL, 0, &e), 0);
}

static void kinds_that_do_not(void **state)
{
	const struct socket_policy web = { "web", SOCKET_INET, SOCKET_STREAM, false }, one = { "web", SOCKET_INET, SOCKET_STREAM, true },
				   local = { "web", SOCKET_UNIX, SOCKET_SEQPACKET, false };
	const struct given wrong[] = {
		{ "web", AF_INET, SOCK_STREAM, false }, { "web", AF_INET, SOCK_DGRAM, false }, { "web", AF_UNIX, SOCK_STREAM, false },
		{ "web", 0, 0, false }, { "other", AF_INET, SOCK_STREAM, true },
	};
	struct err e;

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		assert_int_equal(launch_with(&web, 1, &wrong[i], 1, &e), -1);
		assert_true(e.kind == ERR_POLICY && strstr(e.msg, "another kind"));
	}
	assert_int_equal(launch_with(&one, 1, &(struct given){ "web", AF_INET, SOCK_STREAM, true }, 1, &e), -1);
	assert_int_equal(launch_with(&local, 1, &(struct given){ "web", AF_UNIX, SOCK_STREAM, false }, 1, &e), -1);
}

static void one_that_is_missing(void **state)
{
	const struct socket_policy want[] = { { "web", SOCKET_INET, SOCKET_STREAM, false }, { "dns", SOCKET_INET, SOCKET_DGRAM, false } };
	struct err e;

	(void)state;
	assert_int_equal(launch_with(want, 2, &(struct given){ "web", AF_INET, SOCK_STREAM, true }, 1, &e), -1);
	assert_true(strstr(e.msg, "'dns'"));
	assert_string_equal(e.path, "/sockets/1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_said),
		cmocka_unit_test(what_makes_no_sense),
		cmocka_unit_test(kinds_that_fit),
		cmocka_unit_test(kinds_that_do_not),
		cmocka_unit_test(one_that_is_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
