/* probe - the hostile half of the scenarios: a static program in the test rootfs, one verb per thing
 * that a workload might try. A shell cannot make most of these calls, and a static program runs in
 * any rootfs. It says what the kernel answered, and its exit status says whether the trick worked. */
#include "probe.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int result(const char *what, int error)
{
	const char *name = error ? strerrorname_np(error) : "ok";

	printf("%s: %s\n", what, name ? name : "an errno of its own");
	return error != 0;
}

long number(const char *text)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(text, &end, 0);
	if (end == text || *end || errno) {
		fprintf(stderr, "probe: not a number: %s\n", text);
		exit(2);
	}
	return n;
}

int main(int argc, char **argv)
{
	const struct verb *const tables[] = { call_verbs, process_verbs, limit_verbs, service_verbs };

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++)
		for (const struct verb *v = tables[t]; v->name; v++) {
			if (argc > 1 && !strcmp(argv[1], v->name))
				return v->run(argc - 1, argv + 1);
			if (argc < 2)
				printf("probe %s %s\n", v->name, v->usage);
		}
	fprintf(stderr, "probe: %s\n", argc < 2 ? "want a verb" : "no such verb");
	return 2;
}
