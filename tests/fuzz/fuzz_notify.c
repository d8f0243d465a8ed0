/* Any message of a workload: what goes on to the service manager is lines of a few known variables, none of them with a byte that
 * drives a terminal, and judging that again changes nothing. */
#include "../../src/base/cleanup.h"
#include "../../src/launch/notify_message.h"
#include "fuzz.h"

#include <string.h>

static bool is_known(const char *line, size_t n)
{
	static const char *const known[] = { "READY=1", "RELOADING=1", "STOPPING=1", "STATUS=", "ERRNO=", "BUSERROR=", "WATCHDOG=1",
					     "WATCHDOG=trigger", "EXTEND_TIMEOUT_USEC=", "MONOTONIC_USEC=", "MAINPID=77" };

	for (size_t i = 0; i < COUNT(known); i++) {
		size_t len = strlen(known[i]);

		if (n >= len && memcmp(line, known[i], len) == 0 && (n == len || known[i][len - 1] == '='))
			return true;
	}
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct notify_view view = { .main_pid = 77 };
	struct notify_message m, again;

	notify_judge((const char *)data, size, &view, &m);
	MUST(m.len < sizeof(m.text) && m.refused >> NOTIFY_REFUSALS == 0);
	MUST(memchr(m.culprit, '\0', sizeof(m.culprit)));
	for (const char *line = m.text, *end = m.text + m.len; line < end;) {
		const char *eol = memchr(line, '\n', (size_t)(end - line));
		size_t n = (size_t)((eol ? eol : end) - line);

		MUST(is_known(line, n));
		for (size_t i = 0; i < n; i++)
			MUST((unsigned char)line[i] >= 0x20 && line[i] != 0x7f);
		line += n + 1;
	}
	if (m.len <= NOTIFY_BYTES_MAX) {
		notify_judge(m.text, m.len, &view, &again);
		MUST(again.refused == 0 && again.len == m.len && memcmp(again.text, m.text, m.len) == 0);
	}
	return 0;
}
