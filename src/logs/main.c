/* main.c - casemate-log: the program that writes a container's log, and reads it.
 *
 *   casemate-log drive NAME		started by the launcher, with descriptors
 *   casemate-log read ...		started by `casemate logs`
 *
 * A program of its own: see log.h. It alone is linked with zlib. */
#include "drive.h"

#include <string.h>

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "drive") == 0)
		return drive(&sys_kernel);
	fputs("casemate-log: started by casemate; see casemate-logs(1)\n", stderr);
	return 125;
}
