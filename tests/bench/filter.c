/* filter.c - runs while the project is built: the default policy's filter as C constants on stdout, for
 * floor.c, so that the floor loads the very program that casemate loads and spends nothing on making it. */
#include "../../src/seccomp/compile.h"

#include <linux/seccomp.h>
#include <stdio.h>
#include <sys/syscall.h>

static void print(const char *name, const struct sock_fprog *p)
{
	printf("static const struct sock_filter %s[] = {\n", name);
	for (unsigned i = 0; i < p->len; i++)
		printf("\t{ %#x, %u, %u, %#x },\n", p->filter[i].code, p->filter[i].jt, p->filter[i].jf, p->filter[i].k);
	puts("};");
}

int main(void)
{
	static const uint16_t of_init[] = { SYS_rt_sigreturn, SYS_exit, SYS_wait4, SYS_exit_group };
	const struct filter_wish wish = { .kernel = UINT16_MAX, .deny = DENY_ERRNO };
	struct sock_fprog workload, init;
	struct arena a;
	struct err e = { .kind = ERR_NONE };

	if (arena_init(&a, 1 << 20) < 0 ||
	    filter_compile(&filter_default, &wish, &a, &workload, &e) < 0 ||
	    filter_allowlist(of_init, sizeof(of_init) / sizeof(*of_init), SECCOMP_RET_KILL_PROCESS, &a, &init, &e) < 0) {
		fprintf(stderr, "filter: %s\n", e.msg);
		return 1;
	}
	print("workload_filter", &workload);
	print("init_filter", &init);
	arena_free(&a);
	return fflush(stdout) != 0;
}
