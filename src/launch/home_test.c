/* /etc/passwd of an image: what is found in it, and what is not taken. */
#include "home.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

/* In memory that ends where the text does, so that a sanitizer sees what reads on. */
static void finds(const char *text, size_t len, uid_t uid, const char *want)
{
	char *exact = malloc(len + !len);
	size_t n = 0;
	const char *home;

	memcpy(exact, text, len);
	home = home_find(exact, len, uid, &n);
	if (!home != !want || (home && (n != strlen(want) || memcmp(home, want, n) != 0)))
		fail_msg("of %u: '%.*s', not '%s', in '%.60s'", uid, (int)n, home ? home : "", want ? want : "none", text);
	free(exact);
}
#define FINDS(text, uid, want) finds(text, sizeof(text) - 1, uid, want)

static void the_entry_of_the_uid(void **state)
{
	static const char passwd[] = "root:x:0:0:root:/root:/bin/sh\nme:x:1000:1001::/home/me:/bin/sh\nlast:x:65534:0:a,b:/l";

	(void)state;
	FINDS(passwd, 0, "/root");
	FINDS(passwd, 1000, "/home/me");
	FINDS(passwd, 65534, "/l");
	FINDS(passwd, 1001, NULL);
	FINDS(passwd, 1, NULL);
	FINDS("a:x:7:0::/first:\nb:x:7:0::/second:\n", 7, "/first");
	FINDS("a:x:4294967294:0::/a:\n", 4294967294, "/a");
	FINDS("\n\na:x:7:0::/a:/bin/sh", 7, "/a");
}

static void what_is_no_entry_or_has_no_home_is_passed_over(void **state)
{
	static const char *const lines[] = {
		"", ":", "::::::", "a:x:7:0:", "a:x:7:0::", "a:x:7:0:::/bin/sh", "a:x:7:0::relative:", "a:x::0::/e:", "a:x:+7:0::/e:", "a:x: 7:0::/e:",
		"a:x:7 :0::/e:", "a:x:0x7:0::/e:", "a:x:00000000007:0::/e:", "a:x:4294967303:0::/e:", "a:x:18446744073709551623:0::/e:", "a:7::0::/e:",
		"#a:x:7:0::/e:", "+a:x:7:0::/e:", "-a:x:7:0::/e:", ":x:7:0::/e:",
	};
	char text[PATH_MAX * 2 + 64];

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		int n = snprintf(text, sizeof(text), "%s\nb:x:7:0::/right:/bin/sh\n", lines[i]);

		finds(text, (size_t)n, 7, "/right");
		finds(lines[i], strlen(lines[i]), 7, NULL);
	}
	FINDS("a:x:7:0::/e\0e:\nb:x:7:0::/right:\n", 7, "/right");
	FINDS("a:x:7:0::/cut\n:\n", 7, "/cut");
	memset(text, 'a', sizeof(text));
	memcpy(text, "a:x:7:0::/", 10);
	finds(text, PATH_MAX + 10, 7, NULL);		/* longer than a path can be */
	finds(text, 9 + PATH_MAX - 1, 7, strndupa(text + 9, PATH_MAX - 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_entry_of_the_uid), cmocka_unit_test(what_is_no_entry_or_has_no_home_is_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
