/* generate.c - runs while the project is built: PROFILE.json to C tables on stdout.
 *
 * The shipped profile becomes constants, so that a launch with it reads no file, parses no JSON and asks libseccomp for
 * no name; and so does the set of numbers that have a name. Conditions on capabilities and kernel stay
 * in the rules. It is the same parser that reads a profile at run time, and a test compares both. */
#include "../base/cleanup.h"
#include "calls.h"
#include "profile.h"

#include <inttypes.h>
#include <stdio.h>

static void print_bitmap(void)
{
	puts("const uint64_t call_bitmap[CALL_MAX / 64] = {");
	for (unsigned word = 0; word < CALL_MAX / 64; word++) {
		uint64_t bits = 0;

		for (unsigned i = 0; i < 64; i++) {
			_auto(free_mem) char *name = call_name(word * 64 + i);

			bits |= (uint64_t)(name != NULL) << i;
		}
		printf("\t0x%016" PRIx64 ",\n", bits);
	}
	puts("};\n");
}

static void print_profile(const struct filter_profile *p)
{
	size_t conds = 1;	/* an empty array is no C */

	puts("static const struct filter_rule rules[] = {");
	for (size_t i = 0; i < p->n_rules; i++) {
		const struct filter_rule *r = &p->rules[i];

		printf("\t{ 0x%" PRIx64 ", 0x%" PRIx64 ", 0x%08" PRIx32 ", %u, %u, %u, %u, %u, %u },\n", r->caps_all,
		       r->caps_none, r->action, r->nr, r->origin, r->cond, r->n_cond, r->since, r->until);
		if (conds < (size_t)r->cond + r->n_cond)
			conds = (size_t)r->cond + r->n_cond;
	}
	puts("};\n\nstatic const struct filter_cond conds[] = {");
	for (size_t i = 0; i < conds; i++)
		printf("\t{ 0x%" PRIx64 ", 0x%" PRIx64 ", %u, %u },\n", p->conds[i].value, p->conds[i].mask,
		       p->conds[i].index, p->conds[i].op);
	/* We know every call that this program has a name for, and left out those that the profile does not name. */
	printf("};\n\nconst struct filter_profile filter_default = {\n\t.default_action = 0x%08" PRIx32 ", .newest = %u,\n"
	       "\t.rules = rules, .n_rules = %zu, .conds = conds,\n};\n", p->default_action, call_newest(), p->n_rules);
}

int main(int argc, char **argv)
{
	static char text[PROFILE_BYTES_MAX];
	struct filter_profile p;
	struct arena a;
	struct err e = { .kind = ERR_NONE };
	_auto(close_file) FILE *in = argc == 2 ? fopen(argv[1], "re") : NULL;
	size_t len = in ? fread(text, 1, sizeof(text), in) : 0;

	if (!in || ferror(in) || arena_init(&a, 16 * PROFILE_BYTES_MAX) < 0) {
		fprintf(stderr, "usage: generate PROFILE.json\n");
		return 1;
	}
	if (filter_parse(text, len, &a, &p, &e) < 0) {
		err_print(&e, argv[1]);
		return 1;
	}
	puts("/* Made by src/seccomp/generate.c. */\n#include \"src/seccomp/calls.h\"\n#include \"src/seccomp/profile.h\"\n");
	print_bitmap();
	print_profile(&p);
	arena_free(&a);
	return fflush(stdout) != 0;
}
