/* replay.c - a fuzz target as an ordinary test: replay FILE|DIRECTORY...
 *
 * Every file as it is and cut off after every byte, in memory of exactly its size, so that a
 * sanitizer sees one byte too many. Needs no clang, so the corpus is never dead weight. */
#include "../../src/base/cleanup.h"
#include "fuzz.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

enum { CUT_MAX = 2048 };	/* longer files are only cut here and there */

static void run(const uint8_t *data, size_t size)
{
	uint8_t *exact = malloc(size ? size : 1);

	MUST(exact);
	memcpy(exact, data, size);
	LLVMFuzzerTestOneInput(exact, size);
	free(exact);
}

static size_t replay(const char *path)
{
	_auto(close_file) FILE *in = fopen(path, "re");
	_auto(free_mem) uint8_t *data = NULL;
	struct stat st;
	size_t size, step;

	if (!in || fstat(fileno(in), &st) < 0) {
		perror(path);
		exit(1);
	}
	if (!S_ISREG(st.st_mode))
		return 0;
	size = (size_t)st.st_size;
	data = malloc(size + 1);
	MUST(data && fread(data, 1, size, in) == size);
	step = 1 + size / CUT_MAX;
	for (size_t len = 0; len < size; len += step)
		run(data, len);
	run(data, size);
	return 1;
}

static size_t replay_all(const char *path)
{
	DIR *dir = opendir(path);
	size_t n = 0;

	if (!dir)
		return replay(path);
	for (struct dirent *entry; (entry = readdir(dir));) {
		char name[4096];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		n += replay(name);
	}
	closedir(dir);
	return n;
}

int main(int argc, char **argv)
{
	size_t n = 0;

	for (int i = 1; i < argc; i++)
		n += replay_all(argv[i]);
	printf("%zu files\n", n);
	return n ? 0 : 1;	/* an empty corpus tests nothing */
}
