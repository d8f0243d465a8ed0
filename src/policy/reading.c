/* reading.c - where the reader is, how it fails there, and its walks over rows; see read.h. */
#include "../base/cleanup.h"
#include "read.h"
#include "suggest.h"

#include <stdarg.h>
#include <string.h>

/* --- where we are, and failing there --- */

size_t enter(struct reading *r, const char *name)
{
	size_t up = r->used;

	r->used = pointer_push(r->pointer, r->used, name, strlen(name));
	return up;
}

size_t enter_dotted(struct reading *r, const char *name)
{
	size_t up = r->used;

	for (const char *part = name; *part; part += strspn(part, ".")) {
		size_t len = strcspn(part, ".");

		r->used = pointer_push(r->pointer, r->used, part, len);
		part += len;
	}
	return up;
}

size_t enter_index(struct reading *r, size_t i)
{
	char text[24];

	snprintf(text, sizeof(text), "%zu", i);
	return enter(r, text);
}

void leave(struct reading *r, size_t up)
{
	r->used = up;
	r->pointer[up] = '\0';
}

int fault(struct reading *r, const char *hint, const char *fmt, ...)
{
	char msg[sizeof(r->e->msg)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	err_set(r->e, ERR_POLICY, 0, hint, "%s%s%s%s", r->set ? "--set " : "", r->set ? r->set : "", r->set ? ": " : "", msg);
	if (!r->set)
		line_column(r->src->text, r->src->len,
			    locate(r->src->text, r->src->len, r->pointer, r->on_key), &r->e->line, &r->e->column);
	return err_at(r->e, "%s", r->pointer);
}

/* Offers every name that could stand in this section. */
static void offer_keys(struct guess *g, const struct key *rows, size_t n, const char *section)
{
	size_t len = strlen(section);

	for (size_t i = 0; i < n; i++) {
		const char *name = rows[i].name;

		if (len && (strncmp(name, section, len) != 0 || name[len] != '.'))
			continue;
		name += len ? len + 1 : 0;
		guess_offer(g, name, strcspn(name, "."));
	}
}

/* The full name of a row that is called so in another section. */
static const char *elsewhere(const struct language *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(key_leaf(&l->rows[i]), name) == 0)
			return l->rows[i].name;
	return NULL;
}

int unknown_key(struct reading *r, const struct key *rows, size_t n, const char *section, const char *name)
{
	char hint[sizeof(r->e->hint)];
	const char *ours = r->language == &language_policy ? foreign_word(name) : NULL;
	struct guess g;

	guess_start(&g, name);
	offer_keys(&g, rows, n, section);
	if (!g.best[0] && !ours)
		ours = elsewhere(r->language, name);
	if (g.best[0])
		snprintf(hint, sizeof(hint), "did you mean \"%s\"?", g.best);
	else if (key_in(r->language, name))
		snprintf(hint, sizeof(hint), "a dot stands for nesting: write an object in an object");
	else if (ours && strchr(ours, ' '))
		snprintf(hint, sizeof(hint), "%s", ours);
	else if (ours)
		snprintf(hint, sizeof(hint), "did you mean \"%s\"?", ours);
	else
		snprintf(hint, sizeof(hint), "%s lists all keys", r->language->page);
	enter(r, name);
	r->on_key = true;
	return fault(r, hint, "unknown key");
}

/* --- rows --- */

const struct key *key_in(const struct language *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->rows[i].name, name) == 0)
			return &l->rows[i];
	return NULL;
}

const struct key *key_find(const char *name)
{
	return key_in(&language_policy, name);
}

const char *key_leaf(const struct key *k)
{
	const char *dot = strrchr(k->name, '.');

	return dot ? dot + 1 : k->name;
}

static json_t *get_dotted(json_t *obj, const char *name)
{
	size_t len = strcspn(name, ".");
	json_t *v = json_object_getn(obj, name, len);

	return name[len] ? get_dotted(v, name + len + 1) : v;
}

json_t *key_get(const struct key *k, json_t *obj)
{
	return get_dotted(obj, k->name);
}

int key_set(json_t *obj, const char *name, json_t *v)
{
	size_t len = strcspn(name, ".");
	json_t *section;

	if (name[len] == '\0')
		return json_object_set_new(obj, name, v);
	section = json_object_getn(obj, name, len);
	if (!section) {
		section = json_object();
		json_object_setn_new(obj, name, len, section);
	}
	return key_set(section, name + len + 1, v);
}

static int put_row(struct reading *r, const struct key *k, json_t *v, void *base)
{
	size_t up = enter_dotted(r, k->name);
	int ret = value_put(r, k, v, base);

	if (ret == 0)
		leave(r, up);
	return ret;
}

int rows_put_given(struct reading *r, const struct key *rows, size_t n, json_t *obj, void *base)
{
	for (size_t i = 0; i < n; i++) {
		json_t *v = key_get(&rows[i], obj);

		if (v && put_row(r, &rows[i], v, base) < 0)
			return -1;
	}
	return 0;
}

/* Whether the key exists at all beside what the others of its object say. The row that decides stands first. */
static bool exists(const struct key *k, json_t *obj)
{
	char name[64];
	int section = (int)(key_leaf(k) - k->name);

	if (!k->when)
		return true;
	snprintf(name, sizeof(name), "%.*s%s", section, k->name, k->when);
	return (strcmp(json_string_value(get_dotted(obj, name)), k->is) == 0) != k->unless;
}

int rows_put_missing(struct reading *r, const struct key *rows, size_t n, json_t *obj, void *base)
{
	for (size_t i = 0; i < n; i++) {
		const struct key *k = &rows[i];
		bool given = key_get(k, obj), wanted = exists(k, obj);
		json_t *def;

		if (given && !wanted) {
			enter_dotted(r, k->name);
			r->on_key = true;
			return fault(r, k->doc, "goes %s with \"%s\": \"%s\"", k->unless ? "not" : "only", k->when, k->is);
		}
		if (given || !wanted)
			continue;
		if (!k->def) {
			enter_dotted(r, k->name);
			return fault(r, k->doc, "the key \"%s\" is required%s%s%s", k->name,
				     k->is ? " with \"" : "", k->is ? k->is : "", k->is ? "\"" : "");
		}
		def = json_loads(k->def, JSON_DECODE_ANY, NULL);
		if (json_is_null(def)) {
			json_decref(def);
			continue;
		}
		if (key_set(obj, k->name, def) < 0 || put_row(r, k, def, base) < 0)
			return -1;
	}
	return 0;
}

