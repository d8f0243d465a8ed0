/* calls.h - system call names and numbers of the architecture we are built for.
 *
 * Only the native one: a filter that lets a second ABI through doubles what has to be argued (another
 * numbering, socketcall, 32-bit pointers), so every other ABI is killed and needs no numbers. */
#pragma once

#include <linux/audit.h>
#include <stdbool.h>
#include <stdint.h>

#if defined(__x86_64__)
#define CALL_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define CALL_ARCH AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define CALL_ARCH AUDIT_ARCH_RISCV64
#else
#error "add the architecture here, to newer.def and to archs[] in profile.c"
#endif

enum {
	CALL_MAX = 1024,		/* numbers below it are looked at one by one */
	CALL_X32 = 0x40000000,		/* x86_64: the bit that selects the x32 ABI */
	/* Up to here numbers were given out before Linux 5.1, differently on each architecture;
	 * 424 is the first of the common numbering. */
	CALL_OLD = 423,

	CALL_UNKNOWN = -1,		/* nobody has heard of the name */
	CALL_ELSEWHERE = -2,		/* a call of other architectures only */
};

/* The number, or CALL_UNKNOWN or CALL_ELSEWHERE. */
int call_number(const char *name);

/* The name to print, malloc'd, or NULL. */
char *call_name(unsigned nr);

/* The highest number that has a name. */
unsigned call_newest(void);

/* The numbers below CALL_MAX that have a name (made at build time: call_name() is slow). */
extern const uint64_t call_bitmap[CALL_MAX / 64];

static inline bool call_known(unsigned nr)
{
	return nr < CALL_MAX && call_bitmap[nr / 64] >> nr % 64 & 1;
}
