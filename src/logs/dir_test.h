/* dir_test.h - a directory of its own for each test that writes a log. */
#pragma once

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static inline int make_dir(void **state)
{
	char name[] = "/tmp/casemate-logs-XXXXXX";
	int *fd = malloc(sizeof(int));

	if (!mkdtemp(name) || (*fd = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
		return -1;
	*state = fd;
	return 0;
}

static inline void empty_dir(int dir)
{
	DIR *list = fdopendir(openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));

	for (struct dirent *d; (d = readdir(list));)
		(void)!unlinkat(dir, d->d_name, 0);
	closedir(list);
}

static inline int remove_dir(void **state)
{
	int *fd = *state;
	char path[64], name[64] = "";

	snprintf(path, sizeof(path), "/proc/self/fd/%d", *fd);
	empty_dir(*fd);
	if (readlink(path, name, sizeof(name) - 1) < 0 || rmdir(name) < 0)
		return -1;
	close(*fd);
	free(fd);
	return 0;
}
