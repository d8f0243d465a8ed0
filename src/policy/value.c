/* value.c - one JSON value into one member of a struct: the types of the policy language.
 *
 * Every conversion takes all of the value or nothing, and nothing is converted that is not
 * of the type already: "8080" is no number, 1 is not true, 0755 in decimal is no mode. */
#include "../base/cleanup.h"
#include "lists.h"
#include "names.h"
#include "suggest.h"
#include "units.h"

#include <inttypes.h>
#include <string.h>

/* --- scalars: false when the value is not one --- */

static bool ranged(const struct key *k, uint64_t v, void *dst)
{
	if (v < k->min || v > k->max)
		return false;
	*(uint64_t *)dst = v;
	return true;
}

static bool take_bool(const struct key *k, const json_t *v, void *dst)
{
	(void)k;
	*(bool *)dst = json_is_true(v);
	return json_is_boolean(v);
}

bool take_uint(const struct key *k, const json_t *v, void *dst)
{
	return json_is_integer(v) && json_integer_value(v) >= 0 && ranged(k, (uint64_t)json_integer_value(v), dst);
}

static bool take_int(const struct key *k, const json_t *v, void *dst)
{
	int64_t n = json_integer_value(v);

	if (!json_is_integer(v) || n < (int64_t)k->min || n > (int64_t)k->max)
		return false;
	*(int64_t *)dst = n;
	return true;
}

static bool take_size(const struct key *k, const json_t *v, void *dst)
{
	uint64_t n;

	return take_uint(k, v, dst) || (json_is_string(v) && unit_size(json_string_value(v), &n) && ranged(k, n, dst));
}

static bool take_rlimit(const struct key *k, const json_t *v, void *dst)
{
	if (!json_is_string(v) || strcmp(json_string_value(v), "unlimited") != 0)
		return take_size(k, v, dst);
	*(uint64_t *)dst = UINT64_MAX;
	return true;
}

static bool take_time(const struct key *k, const json_t *v, void *dst)
{
	uint64_t n;

	return json_is_string(v) && unit_time(json_string_value(v), &n) && ranged(k, n, dst);
}

static bool take_mode(const struct key *k, const json_t *v, void *dst)
{
	uint64_t n;

	return json_is_string(v) && unit_octal(json_string_value(v), &n) && ranged(k, n, dst);
}

static bool take_cpus(const struct key *k, const json_t *v, void *dst)
{
	uint64_t n;

	return json_is_number(v) && unit_millionths(json_number_value(v), &n) && ranged(k, n, dst);
}

static bool take_choice(const struct key *k, const json_t *v, void *dst)
{
	for (size_t i = 0; json_is_string(v) && k->names[i]; i++)
		if (strcmp(json_string_value(v), k->names[i]) == 0) {
			*(uint64_t *)dst = i;
			return true;
		}
	return false;
}

static bool take_signal(const struct key *k, const json_t *v, void *dst)
{
	int n = json_is_string(v) ? signal_number(json_string_value(v)) : -1;

	(void)k;
	*(uint64_t *)dst = (uint64_t)n;
	return n > 0;
}

/* --- the table --- */

static void print_number(uint64_t v, char buf[UNIT_MAX])
{
	snprintf(buf, UNIT_MAX, "%" PRId64, (int64_t)v);
}

static void print_octal(uint64_t v, char buf[UNIT_MAX])
{
	snprintf(buf, UNIT_MAX, "\"%04" PRIo64 "\"", v);
}

static const struct {
	const char *want;
	void (*print)(uint64_t, char[UNIT_MAX]);	/* an end of the range */
	bool (*take)(const struct key *, const json_t *, void *dst);
	int (*put)(struct reading *, const struct key *, json_t *, void *base);
} types[KEY_TYPES] = {
	[KEY_BOOL] = { "true or false", NULL, take_bool, NULL },
	[KEY_UINT] = { "an integer", print_number, take_uint, NULL },
	[KEY_INT] = { "an integer", print_number, take_int, NULL },
	[KEY_SIZE] = { "bytes or a size such as \"512M\",", unit_print_size, take_size, NULL },
	[KEY_TIME] = { "a time such as \"10s\" or \"500ms\",", unit_print_time, take_time, NULL },
	[KEY_CPUS] = { "a number of at most six decimals,", unit_print_millionths, take_cpus, NULL },
	[KEY_RLIMIT] = { "\"unlimited\", a number or a size such as \"8M\",", unit_print_size, take_rlimit, NULL },
	[KEY_MODE] = { "an octal mode in a string,", print_octal, take_mode, NULL },
	[KEY_CHOICE] = { "one of", NULL, take_choice, NULL },
	[KEY_SIGNAL] = { "the name of a signal that can end a program, such as \"SIGTERM\"", NULL, take_signal, NULL },
	[KEY_STRING] = { "a string", NULL, NULL, put_string },
	[KEY_STRINGS] = { "an array of strings", NULL, NULL, put_strings },
	[KEY_NUMBERS] = { "an array of integers", print_number, NULL, put_numbers },
	[KEY_PAIRS] = { "an object of strings", NULL, NULL, put_pairs },
	[KEY_CAPS] = { "an array of capability names", NULL, NULL, put_caps },
	[KEY_PROFILE] = { "a string or an object", NULL, NULL, put_profile },
	[KEY_OBJECTS] = { "an array of objects", NULL, NULL, put_objects },
};

_Static_assert((int)UNIT_TEXT_MAX == (int)UNIT_MAX, "one size of texts");

void key_print(const struct key *k, uint64_t v, char buf[UNIT_TEXT_MAX])
{
	if (k->type == KEY_RLIMIT && v == UINT64_MAX)
		snprintf(buf, UNIT_TEXT_MAX, "unlimited");
	else
		types[k->type].print(v, buf);
}

void key_want(const struct key *k, char *buf, size_t size)
{
	char min[UNIT_MAX], max[UNIT_MAX];
	size_t n = (size_t)snprintf(buf, size, "%s", types[k->type].want);

	if (types[k->type].print) {
		types[k->type].print(k->min, min);
		types[k->type].print(k->max, max);
		if (k->min == k->max)
			snprintf(buf, size, "%s", min);
		else
			snprintf(buf + n, size - n, " from %s to %s", min, max);
	}
	for (size_t i = 0; k->type == KEY_CHOICE && k->names[i] && n < size; i++)
		n += (size_t)snprintf(buf + n, size - n, "%s \"%s\"", i ? "," : "", k->names[i]);
}

/* What stands there instead, short enough for a message. */
static void describe(const json_t *v, char *buf, size_t size)
{
	_auto(free_mem) char *json = json_is_object(v) || json_is_array(v) ? NULL :
		json_dumps(v, JSON_ENCODE_ANY | JSON_ENSURE_ASCII);

	if (json && strlen(json) < size)
		snprintf(buf, size, "%s", json);
	else
		snprintf(buf, size, "%s", json_is_object(v) ? "an object" : json_is_array(v) ? "an array" : "this");
}

static int not_wanted(struct reading *r, const struct key *k, const json_t *v)
{
	char want[128], have[40], hint[GUESS_MAX + 24] = "";
	struct guess g;

	key_want(k, want, sizeof(want));
	describe(v, have, sizeof(have));
	if (json_is_string(v) && (k->type == KEY_CHOICE || k->type == KEY_SIGNAL)) {
		guess_start(&g, json_string_value(v));
		for (size_t i = 0; k->type == KEY_CHOICE && k->names[i]; i++)
			guess_offer(&g, k->names[i], strlen(k->names[i]));
		for (const struct signal_name *s = signal_names; k->type == KEY_SIGNAL && s->name; s++) {
			char full[16];

			snprintf(full, sizeof(full), "SIG%s", s->name);
			guess_offer(&g, s->name, strlen(s->name));
			guess_offer(&g, full, strlen(full));
		}
		if (g.best[0])
			snprintf(hint, sizeof(hint), "did you mean \"%s\"?", g.best);
	}
	return fault(r, hint[0] ? hint : k->doc, "want %s, not %s", want, have);
}

int value_put(struct reading *r, const struct key *k, json_t *v, void *base)
{
	char *dst = (char *)base + k->offset;

	if (json_is_null(v))
		return fault(r, "leave the key out to get its default", "null is no value");
	if (types[k->type].put)
		return types[k->type].put(r, k, v, base);
	return types[k->type].take(k, v, dst) ? 0 : not_wanted(r, k, v);
}
