/* main.c - casemate-log: the program that writes a container's log, and reads it.
 *
 *   casemate-log drive NAME					started by the launcher, with descriptors
 *   casemate-log read NAME PLACE SINCE UNTIL TAIL FLAGS	started by `casemate logs`: ns, lines, "ft" for follow, timestamps
 *
 * A program of its own: see log.h. It alone is linked with zlib. */
#include "drive.h"
#include "read.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static uint64_t number(const char *text)
{
	return strtoull(text, NULL, 10);
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "drive") == 0)
		_exit(drive(&sys_kernel));	/* its filter has no room for what a sanitizer does at exit */
	if (argc == 8 && strcmp(argv[1], "read") == 0)
		return log_read(&(struct log_query){ .name = argv[2], .place = argv[3], .since = number(argv[4]), .until = number(argv[5]),
			.tail = number(argv[6]), .follow = strchr(argv[7], 'f'), .timestamps = strchr(argv[7], 't'),
			.files = LOG_FILES_MAX, .ended = log_ended });
	fputs("casemate-log: started by casemate; see casemate-logs(1)\n", stderr);
	return 125;
}
