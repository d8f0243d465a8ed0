/* calls.c - names to numbers: libseccomp's table, preceded by our own of newer calls. */
#include "calls.h"
#include "../base/cleanup.h"

#include <seccomp.h>
#include <string.h>

#if defined(__x86_64__)
#define NATIVE(x86_64, aarch64, riscv64) x86_64
#elif defined(__aarch64__)
#define NATIVE(x86_64, aarch64, riscv64) aarch64
#else
#define NATIVE(x86_64, aarch64, riscv64) riscv64
#endif

static const struct newer { const char *name; int nr; } newer[] = {
#define X(name, x86_64, aarch64, riscv64, kernel) { #name, NATIVE(x86_64, aarch64, riscv64) },
#include "newer.def"
#undef X
};

int call_number(const char *name)
{
	int nr;

	for (size_t i = 0; i < COUNT(newer); i++)
		if (strcmp(name, newer[i].name) == 0)
			return newer[i].nr >= 0 ? newer[i].nr : CALL_ELSEWHERE;

	/* A name that libseccomp knows from another architecture has a pseudo number, always below -1:
	 * "arm_fadvise64_64" -10083, on x86 also "socket" -101. No native 64-bit call has one. */
	nr = seccomp_syscall_resolve_name(name);
	if (nr == __NR_SCMP_ERROR)
		return CALL_UNKNOWN;
	return nr >= 0 ? nr : CALL_ELSEWHERE;
}

char *call_name(unsigned nr)
{
	for (size_t i = 0; i < COUNT(newer); i++)
		if (newer[i].nr == (int)nr)
			return strdup(newer[i].name);
	return seccomp_syscall_resolve_num_arch(seccomp_arch_native(), (int)nr);
}

unsigned call_newest(void)
{
	unsigned nr = CALL_MAX;
	char *name;

	do
		name = call_name(--nr);
	while (!name && nr > 0);
	free(name);
	return nr;
}
