/* lists.c - strings, and everything that holds several values; see lists.h. */
#include "lists.h"

#include "../base/cleanup.h"
#include "names.h"
#include "secret.h"
#include "suggest.h"

#include <inttypes.h>
#include <string.h>

static int no_memory(struct reading *r)
{
	return fault(r, NULL, "the policy is too large for its memory");
}

static int put_text(struct reading *r, const struct syntax *syntax, const char *s, const char **dst)
{
	const struct fault *f = NULL;

	if (!s)
		return fault(r, NULL, "want a string");
	if (strlen(s) > syntax->max)
		return fault(r, NULL, "longer than %zu bytes", syntax->max);
	if (syntax->judge)
		f = syntax->judge(s);
	if (!f && syntax->no_secret)
		f = secret_value(s);
	if (f)
		return fault(r, f->hint, "%s", f->why);
	*dst = arena_strndup(r->arena, s, strlen(s));
	return *dst ? 0 : no_memory(r);
}

int put_string(struct reading *r, const struct key *k, json_t *v, void *base)
{
	const char **dst = (const char **)((char *)base + k->offset);

	return json_is_string(v) ? put_text(r, k->syntax, json_string_value(v), dst) : fault(r, k->doc, "want a string");
}

/* A list of at most so many; *room gets space for them and one more. */
static int room_for(struct reading *r, const struct key *k, size_t n, size_t size, void *room)
{
	size_t most = k->type == KEY_STRINGS && k->max ? k->max : LIST_MAX;

	if (n > most)
		return fault(r, k->doc, "%zu entries, the most is %zu", n, most);
	*(void **)room = arena_alloc(r->arena, (n + 1) * size);
	return *(void **)room ? 0 : no_memory(r);
}

static int put_twice(struct reading *r)
{
	return fault(r, NULL, "is in the list twice");
}

static bool earlier(const json_t *list, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (json_equal(json_array_get(list, i), json_array_get(list, j)))
			return true;
	return false;
}

int put_strings(struct reading *r, const struct key *k, json_t *v, void *base)
{
	struct strings *dst = (struct strings *)((char *)base + k->offset);
	const char **list;

	if (!json_is_array(v))
		return fault(r, k->doc, "want an array of strings");
	if (room_for(r, k, json_array_size(v), sizeof(*list), &list) < 0)
		return -1;
	for (size_t i = 0; i < json_array_size(v); i++) {
		size_t up = enter_index(r, i);

		if (put_text(r, k->syntax, json_string_value(json_array_get(v, i)), &list[i]) < 0)
			return -1;
		if (k->unique && earlier(v, i))
			return put_twice(r);
		leave(r, up);
	}
	*dst = (struct strings){ list, json_array_size(v) };
	return 0;
}

int put_numbers(struct reading *r, const struct key *k, json_t *v, void *base)
{
	struct numbers *dst = (struct numbers *)((char *)base + k->offset);
	uint64_t *list;

	if (!json_is_array(v))
		return fault(r, k->doc, "want an array of numbers");
	if (room_for(r, k, json_array_size(v), sizeof(*list), &list) < 0)
		return -1;
	for (size_t i = 0; i < json_array_size(v); i++) {
		size_t up = enter_index(r, i);

		if (!take_uint(k, json_array_get(v, i), &list[i]))
			return fault(r, k->doc, "want a number from %" PRIu64 " to %" PRIu64, k->min, k->max);
		if (k->unique && earlier(v, i))
			return put_twice(r);
		leave(r, up);
	}
	*dst = (struct numbers){ list, json_array_size(v) };
	if (k->extra)
		*(bool *)((char *)base + k->extra) = true;
	return 0;
}

int put_pairs(struct reading *r, const struct key *k, json_t *v, void *base)
{
	struct pairs *dst = (struct pairs *)((char *)base + k->offset);
	struct pair *list;
	const char *name;
	json_t *value;
	size_t n = 0;

	if (!json_is_object(v))
		return fault(r, k->doc, "want an object of strings");
	if (room_for(r, k, json_object_size(v), sizeof(*list), &list) < 0)
		return -1;
	json_object_foreach(v, name, value) {
		size_t up = enter(r, name);
		const struct fault *f;

		r->on_key = true;
		if (put_text(r, k->syntax, name, &list[n].name) < 0)
			return -1;
		r->on_key = false;
		if (put_text(r, k->value_syntax, json_string_value(value), &list[n].value) < 0)
			return -1;
		f = k->value_syntax->no_secret ? secret_pair(name, list[n].value) : NULL;
		if (f)
			return fault(r, f->hint, "%s", f->why);
		leave(r, up);
		n++;
	}
	*dst = (struct pairs){ list, n };
	return 0;
}

static int unknown_capability(struct reading *r, const char *name)
{
	char hint[GUESS_MAX + 32];
	struct guess g;

	guess_start(&g, strncasecmp(name, "CAP_", 4) == 0 ? name + 4 : name);
	for (size_t i = 0; i < capability_names_len; i++)
		guess_offer(&g, capability_names[i], strlen(capability_names[i]));
	snprintf(hint, sizeof(hint), "did you mean \"CAP_%s\"?", g.best);
	return fault(r, g.best[0] ? hint : "capabilities(7) has their names; there is no \"all\"", "unknown capability");
}

int put_caps(struct reading *r, const struct key *k, json_t *v, void *base)
{
	uint64_t mask = 0;

	if (!json_is_array(v))
		return fault(r, k->doc, "want an array of capability names");
	for (size_t i = 0; i < json_array_size(v); i++) {
		const char *name = json_string_value(json_array_get(v, i));
		int bit = name ? capability_number(name) : -1;
		size_t up = enter_index(r, i);

		if (!name)
			return fault(r, NULL, "want a capability's name");
		if (bit < 0)
			return unknown_capability(r, name);
		if (mask >> bit & 1)
			return put_twice(r);
		mask |= UINT64_C(1) << bit;
		leave(r, up);
	}
	*(uint64_t *)((char *)base + k->offset) = mask;
	if (k->extra)
		*(bool *)((char *)base + k->extra) = true;
	return 0;
}

int put_profile(struct reading *r, const struct key *k, json_t *v, void *base)
{
	const char **text = (const char **)((char *)base + k->offset);
	const char **inline_json = (const char **)((char *)base + k->extra);
	_auto(free_mem) char *json = NULL;

	if (!json_is_object(v)) {
		*inline_json = NULL;
		return json_is_string(v) ? put_text(r, k->syntax, json_string_value(v), text) : fault(r, k->doc, "want a string or an object");
	}
	json = json_dumps(v, JSON_COMPACT);
	*inline_json = json ? arena_strndup(r->arena, json, strlen(json)) : NULL;
	*text = "";
	return *inline_json ? 0 : no_memory(r);
}

/* Where a row that must be unique has the same value as in an earlier item. */
static int unlike(struct reading *r, const struct key *k, const json_t *list, size_t i)
{
	for (size_t row = 0; row < k->n_item; row++) {
		const struct key *id = &k->item[row];

		for (size_t j = 0; id->unique && j < i; j++)
			if (json_equal(key_get(id, json_array_get(list, j)), key_get(id, json_array_get(list, i)))) {
				enter(r, id->name);
				return fault(r, NULL, "the same %s as in entry %zu", id->name, j);
			}
	}
	return 0;
}

int put_objects(struct reading *r, const struct key *k, json_t *v, void *base)
{
	const void **dst = (const void **)((char *)base + k->offset);
	char *list;

	if (!json_is_array(v))
		return fault(r, k->doc, "want an array of objects");
	if (room_for(r, k, json_array_size(v), k->item_size, &list) < 0)
		return -1;
	for (size_t i = 0; i < json_array_size(v); i++) {
		json_t *item = json_array_get(v, i);
		size_t up = enter_index(r, i);
		const char *name;
		json_t *member;

		if (!json_is_object(item))
			return fault(r, k->doc, "want an object");
		json_object_foreach(item, name, member) {
			size_t row = 0;

			while (row < k->n_item && strcmp(k->item[row].name, name) != 0)
				row++;
			if (row == k->n_item)
				return unknown_key(r, k->item, k->n_item, "", name);
		}
		if (rows_put_given(r, k->item, k->n_item, item, list + i * k->item_size) < 0 ||
		    rows_put_missing(r, k->item, k->n_item, item, list + i * k->item_size) < 0 ||
		    unlike(r, k, v, i) < 0)
			return -1;
		leave(r, up);
	}
	*dst = list;
	*(size_t *)((char *)base + k->extra) = json_array_size(v);
	return 0;
}
