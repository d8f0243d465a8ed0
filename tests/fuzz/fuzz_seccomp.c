/* Any bytes: they are no profile, and the error names a place; or they are one, and its filter is what the kernel
 * takes, does what the rules say, and lets no foreign ABI through. */
#include "../../src/base/cleanup.h"
#include "../../src/seccomp/calls.h"
#include "../../src/seccomp/emulate.h"
#include "fuzz.h"

#include <errno.h>
#include <string.h>

/* Each rule's call, with each of its constants, and their neighbours, as that argument. */
static void try_rules(const struct filter_profile *p, const struct filter_wish *w, const struct sock_fprog *f)
{
	for (size_t i = 0; i < p->n_rules; i++) {
		struct seccomp_data d = { .nr = p->rules[i].nr, .arch = CALL_ARCH };

		for (size_t k = 0; k < p->rules[i].n_cond; k++) {
			const struct filter_cond *c = &p->conds[p->rules[i].cond + k];

			for (uint64_t off = 0; off < 3; off++) {
				d.args[c->index] = c->value + 1 - off;
				MUST(filter_emulate(f, &d, NULL) == filter_meaning(p, w, &d));
			}
			d.args[c->index] = c->value;
		}
		MUST(filter_emulate(f, &d, NULL) == filter_meaning(p, w, &d));
	}
}

static void try_numbers(const struct filter_profile *p, const struct sock_fprog *f)
{
	static const uint32_t foreign[] = { AUDIT_ARCH_I386, AUDIT_ARCH_X86_64, AUDIT_ARCH_ARM, AUDIT_ARCH_AARCH64, AUDIT_ARCH_RISCV64, 0 };
	struct seccomp_data d = { 0 };

	for (size_t i = 0; i < COUNT(foreign); i++)
		for (d.arch = foreign[i], d.nr = 0; d.nr < CALL_MAX && d.arch != CALL_ARCH; d.nr += 7)
			MUST(filter_emulate(f, &d, NULL) == SECCOMP_RET_KILL_PROCESS);
	d.arch = CALL_ARCH;
	for (d.nr = (int)p->newest + 1; d.nr <= CALL_MAX; d.nr++)
		MUST(filter_emulate(f, &d, NULL) == (SECCOMP_RET_ERRNO | ENOSYS));
#ifdef __x86_64__
	for (d.nr = CALL_X32; d.nr < CALL_X32 + CALL_MAX; d.nr += 13)
		MUST(filter_emulate(f, &d, NULL) == SECCOMP_RET_KILL_PROCESS);
#endif
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct filter_once once = { 0x7f0123456789, 0x56789abcdef0 };
	const struct filter_wish wishes[] = {
		{ .kernel = KERNEL(5, 12) }, { .caps = UINT64_MAX, .kernel = KERNEL(6, 18) }, { .kernel = KERNEL(6, 1), .once = &once },
	};
	_auto(arena_free) struct arena a = { 0 };
	struct filter_profile p;
	struct sock_fprog f;
	struct err e = { 0 };

	MUST(arena_init(&a, 16 * PROFILE_BYTES_MAX) == 0);
	if (filter_parse((const char *)data, size, &a, &p, &e) < 0) {
		MUST(e.kind == ERR_POLICY && *e.msg && (*e.path == '/' || *e.path == '\0'));
		return 0;
	}
	for (size_t i = 0; i < COUNT(wishes); i++) {
		if (filter_compile(&p, &wishes[i], &a, &f, &e) < 0) {
			MUST(e.kind == ERR_POLICY && *e.msg);
			continue;
		}
		MUST(filter_invalid(&f) == NULL);
		try_numbers(&p, &f);
		if (!wishes[i].once)
			try_rules(&p, &wishes[i], &f);
	}
	return 0;
}
