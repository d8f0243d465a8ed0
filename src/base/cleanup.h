/* cleanup.h - release at the end of a scope: _auto(close_fd) int fd = -1; */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define _auto(fn) __attribute__((cleanup(fn)))

/* Counts the elements of an array (not of a pointer). */
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static inline void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static inline void free_mem(void *p)
{
	free(*(void **)p);
}

static inline void close_file(FILE **f)
{
	if (*f)
		fclose(*f);
}

/* Hands an fd over: the _auto variable keeps nothing to close. */
static inline int take_fd(int *fd)
{
	int mine = *fd;

	*fd = -1;
	return mine;
}
