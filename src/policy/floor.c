/* floor.c - holding a policy against a floor; see floor.h. The keys that are a bound on the policy's key of that name. */
#include "floor_judging.h"

#include "../base/cleanup.h"
#include "read.h"

#include <stdarg.h>
#include <string.h>

static const uint64_t *number_at(const void *base, const struct key *k)
{
	return (const uint64_t *)((const char *)base + k->offset);
}

void floor_below(const struct judging *j, const char *key, const char *pointer, const char *fmt, ...)
{
	char msg[2 * TEXT_MAX], hint[TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	snprintf(hint, sizeof(hint), "keep to the floor's \"%s\"%s%.*s", key, *j->floor->description ? "; " : "", 100, j->floor->description);
	report(j->findings, "floor.below", SEV_ERROR, pointer, msg, hint);
}

void floor_add_word(char text[TEXT_MAX], const char *word)
{
	size_t n = strlen(text);

	if (n + strlen(word) + sizeof(", ...") < TEXT_MAX)
		snprintf(text + n, TEXT_MAX - n, "%s%s", n ? ", " : "", word);
	else if (n < 4 || strcmp(text + n - 3, "...") != 0)
		snprintf(text + n, TEXT_MAX - n, ", ...");
}

/* "/limits/memory" of "limits.memory". */
static void pointer_of(const char *name, char pointer[TEXT_MAX])
{
	snprintf(pointer, TEXT_MAX, "/%s", name);
	for (char *c = pointer; *c; c++)
		if (*c == '.')
			*c = '/';
}

static void judge_choice(const struct judging *j, const struct key *k, const struct key *of_policy, const char *pointer)
{
	const uint64_t loosest = *number_at(j->floor, k);
	const char *is = of_policy->names[*number_at(j->policy, of_policy)];
	char text[TEXT_MAX] = "";

	for (uint64_t i = 0; i <= loosest; i++) {
		if (strcmp(k->names[i], is) == 0)
			return;
		floor_add_word(text, k->names[i]);
	}
	floor_below(j, k->name, pointer, "%s is %s, and the floor allows %s", k->name, is, text);
}

static void judge_bool(const struct judging *j, const struct key *k, const struct key *of_policy, const char *pointer)
{
	const bool *must = (const bool *)((const char *)j->floor + k->offset);
	const bool *is = (const bool *)((const char *)j->policy + of_policy->offset);

	if (*must && !*is)
		floor_below(j, k->name, pointer, "%s is false, and the floor wants true", k->name);
}

static void judge_number(const struct judging *j, const struct key *k, const struct key *of_policy, const char *pointer)
{
	const uint64_t most = *number_at(j->floor, k), is = *number_at(j->policy, of_policy);
	char have[UNIT_TEXT_MAX], want[UNIT_TEXT_MAX];

	if (is <= most)
		return;
	key_print(of_policy, is, have);
	key_print(k, most, want);
	floor_below(j, k->name, pointer, "%s is %s, and the floor allows at most %s", k->name, have, want);
}

/* By type; NULL: the type says nothing about which of two values is the tighter one. */
static void (*const bounds[KEY_TYPES])(const struct judging *, const struct key *, const struct key *, const char *) = {
	[KEY_BOOL] = judge_bool, [KEY_UINT] = judge_number, [KEY_SIZE] = judge_number, [KEY_TIME] = judge_number,
	[KEY_CPUS] = judge_number, [KEY_RLIMIT] = judge_number, [KEY_CHOICE] = judge_choice,
};

bool floor_bounds(const struct key *k)
{
	const struct key *of_policy = key_find(k->name);

	return of_policy && of_policy->type == k->type && bounds[k->type] && !floor_special(k->name);
}

void floor_judge(const struct floor *floor, const struct policy *policy, const struct strings *without, const struct findings *f)
{
	const struct judging j = { floor, policy, without, f };
	char pointer[TEXT_MAX];

	for (size_t i = 0; i < language_floor.n; i++) {
		const struct key *k = &language_floor.rows[i];

		if (!floor_bounds(k))
			continue;
		pointer_of(k->name, pointer);
		bounds[k->type](&j, k, key_find(k->name), pointer);
	}
	floor_judge_specials(&j);
}
