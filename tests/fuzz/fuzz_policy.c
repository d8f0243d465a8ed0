/* Any bytes: they parse into a policy, or into an error that names a place, and nothing is ever half filled.
 *
 * The text ends at the first NUL; what follows is KEY=VALUE settings, each ended by a NUL. */
#include "../../src/base/cleanup.h"
#include "../../src/check/check.h"
#include "fuzz.h"

#include <string.h>

enum { SETTINGS = 4 };

struct input {
	struct policy_source src;
	struct setting set[SETTINGS];
	char *copy;
};

static void split(struct input *in, const uint8_t *data, size_t size)
{
	const uint8_t *nul = memchr(data, 0, size);
	size_t len = nul ? (size_t)(nul - data) : size;
	char *at, *end;

	*in = (struct input){ .copy = malloc(size - len + 1) };
	MUST(in->copy);
	memcpy(in->copy, data + len, size - len);
	in->copy[size - len] = '\0';
	in->src = (struct policy_source){ .text = (const char *)data, .len = len, .set = in->set };
	end = in->copy + (size - len);
	for (at = in->copy + 1; at < end && in->src.n_set < SETTINGS; at += strlen(at) + 1) {
		char *eq = strchr(at, '=');

		if (!eq)
			return;
		*eq = '\0';
		in->set[in->src.n_set++] = (struct setting){ at, eq + 1 };
		at = eq + 1;
	}
}

static void emit(void *ctx, const struct finding *f)
{
	int line = 0, column = 0;

	MUST(*f->rule && *f->pointer == '/' && *f->msg);
	policy_locate(ctx, f->pointer, &line, &column);
	MUST(line > 0 && column > 0);
}

static const char *effective(const struct policy_source *src, struct arena *a)
{
	struct err e = { 0 };
	const char *json = NULL;

	if (policy_effective(src, a, &json, &e) == 0)
		return json;
	MUST(strstr(e.msg, "with its defaults the policy is longer"));
	return NULL;
}

/* What was parsed once parses again, to the same. */
static void again(struct policy_source *src)
{
	_auto(arena_free) struct arena a = { 0 };
	struct policy_source second = { 0 };
	const char *first;

	MUST(arena_init(&a, 4 * POLICY_ARENA_SIZE) == 0);
	first = effective(src, &a);
	if (!first)
		return;
	second.text = first;
	second.len = strlen(first);
	first = effective(&second, &a);
	MUST(first && strcmp(first, second.text) == 0);
}

static void explained(const struct policy_source *src)
{
	_auto(free_mem) char *text = NULL;
	struct err e = { 0 };
	size_t size;
	FILE *out = open_memstream(&text, &size);

	MUST(out && policy_explain(src, out, &e) == 0);
	fclose(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_auto(arena_free) struct arena a = { 0 };
	struct policy p, before;
	struct err e = { 0 };
	struct input in;

	split(&in, data, size);
	memset(&p, 0xa5, sizeof(p));
	memcpy(&before, &p, sizeof(p));
	MUST(arena_init(&a, POLICY_ARENA_SIZE) == 0);
	if (policy_parse(&in.src, &a, &p, &e) == 0) {
		const struct findings findings = { emit, &in.src };

		MUST(e.kind == ERR_NONE && p.version == 1 && p.user.uid > 0 && p.user.uid < UINT32_MAX && p.n_mounts > 0);
		check_policy(&p, NULL, &findings);
		again(&in.src);
		explained(&in.src);
	} else {
		MUST(e.kind == ERR_POLICY && *e.msg && memcmp(&p, &before, sizeof(p)) == 0);
		MUST((e.line > 0 && e.column > 0) || strstr(e.msg, "--set ") || in.src.len > POLICY_BYTES_MAX);
	}
	free(in.copy);
	return 0;
}
