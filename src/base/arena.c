/* arena.c - one anonymous mapping, filled upwards, sealed by the kernel; see arena.h. */
#include "arena.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int arena_init(struct arena *a, size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return -errno;
	/* Where huge pages are the default (Debian), the first byte would cost two megabytes, cleared. EINVAL: there are none. */
	(void)madvise(p, size, MADV_NOHUGEPAGE);
	*a = (struct arena){ .base = p, .size = size };
	return 0;
}

void *arena_alloc(struct arena *a, size_t size)
{
	size_t start = (a->used + 15) & ~(size_t)15;

	if (size > a->size || start > a->size - size)
		return NULL;
	a->used = start + size;
	return a->base + start;
}

char *arena_strndup(struct arena *a, const char *s, size_t len)
{
	char *p = len < a->size ? arena_alloc(a, len + 1) : NULL;

	if (p)
		memcpy(p, s, len);
	return p;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	int len;
	char *p;

	va_start(ap, fmt);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	p = len < 0 ? NULL : arena_alloc(a, (size_t)len + 1);
	if (!p)
		return NULL;
	va_start(ap, fmt);
	vsnprintf(p, (size_t)len + 1, fmt, ap);
	va_end(ap);
	return p;
}

int arena_seal(struct arena *a)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), end = (a->used + page - 1) & ~(page - 1);

	if (mprotect(a->base, end, PROT_READ) < 0)
		return -errno;
	a->used = end;
	return 0;
}

void arena_free(struct arena *a)
{
	if (a->base)
		munmap(a->base, a->size);
	*a = (struct arena){ 0 };
}
