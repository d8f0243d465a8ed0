/* trim.c - what only the launch needed does not stay for as long as the workload runs.
 *
 * Supervisor and PID 1 wait, perhaps for months, in a handful of functions. What they no longer touch goes back to the kernel:
 * free heap, the stack below us, and the mappings of code and constants, of which whatever is needed again comes back
 * from the file by itself. No other page may go: its content would be lost. */
#include "trim.h"

#include <link.h>
#include <malloc.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	RANGES_MAX = 64,	/* three of a shared object; ours are half a dozen */
	STACK_USED = 1 << 20,	/* deeper than the launch reaches, and far less than is kept free below every stack (mmap_base()) */
};

struct ranges {
	uintptr_t page;
	size_t n;
	struct { uintptr_t from, to; } v[RANGES_MAX];
};

static void add(struct ranges *r, uintptr_t from, uintptr_t to)
{
	if (r->n < RANGES_MAX) {
		r->v[r->n].from = from & ~(r->page - 1);
		r->v[r->n++].to = (to + r->page - 1) & ~(r->page - 1);
	}
}

static int add_constants(struct dl_phdr_info *object, size_t size, void *ranges)
{
	(void)size;
	for (unsigned i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *h = &object->dlpi_phdr[i];
		uintptr_t start = object->dlpi_addr + h->p_vaddr;

		if (h->p_type == PT_LOAD && !(h->p_flags & PF_W))
			add(ranges, start, start + h->p_memsz);
	}
	return 0;
}

void trim_memory(void)
{
	struct ranges r = { .page = (uintptr_t)sysconf(_SC_PAGESIZE) };
	uintptr_t here = (uintptr_t)__builtin_frame_address(0) - sizeof(r) - r.page;	/* a page for the calls below */

#ifdef __GLIBC__
	(void)malloc_trim(0);
#endif
	add(&r, here - STACK_USED, here - r.page);
	dl_iterate_phdr(add_constants, &r);
	/* Nothing but this loop runs in between: what it touched would be there again. */
	for (size_t i = 0; i < r.n; i++)
		(void)madvise((void *)r.v[i].from, r.v[i].to - r.v[i].from, MADV_DONTNEED);	/* ENOMEM: partly mapped, as the stack is */
}
