/* door.c - a policy being built: its values, where they came from, and the notes; see door.h.
 *
 * An origin is kept by identity, not by pointer: the object or array that holds the value, and the
 * member's name or the value itself. So taking an element out of an array leaves all others right. */
#include "door.h"

#include "../base/cleanup.h"
#include "../policy/locate.h"
#include "../policy/secret.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct sourced {
	json_t *holder, *value;	/* references of our own: no address comes back for another value */
	char *name;		/* NULL in an array */
	struct place at;
};

void door_init(struct door *d)
{
	*d = (struct door){ .policy = json_object(), .here = { .text = strdup("") } };
	d->no_memory = !d->policy || !d->here.text;
}

void door_free(struct door *d)
{
	for (size_t i = 0; i < d->n_notes; i++) {
		free(d->notes[i].at.text);
		free(d->notes[i].pointer);
		free(d->notes[i].text);
		free(d->notes[i].hint);
	}
	for (size_t i = 0; i < d->n_origins; i++) {
		json_decref(d->origins[i].holder);
		json_decref(d->origins[i].value);
		free(d->origins[i].name);
		free(d->origins[i].at.text);
	}
	free(d->notes);
	free(d->origins);
	free(d->here.text);
	free(d->manner.image);
	free(d->manner.cidfile);
	json_decref(d->policy);
	*d = (struct door){ 0 };
}

static char *copy(struct door *d, const char *s)
{
	char *ret = strdup(s ? s : "");

	d->no_memory = d->no_memory || !ret;
	return ret;
}

/* Notes are printed, kept in logs and shown to others: whoever builds a door leaves secrets out, and this is for the rest. */
static char *without_secret(char *text)
{
	if (text && secret_value(text))
		snprintf(text, strlen(text) + 1, "...");
	return text;
}

static struct place copy_here(struct door *d)
{
	return (struct place){ copy(d, d->here.text), d->here.line, d->here.column };
}

static void set_here(struct door *d, int line, int column, char *text)
{
	free(d->here.text);
	without_secret(text);
	d->here = (struct place){ text, line, column };
	d->no_memory = d->no_memory || !text;
}

void door_here(struct door *d, int line, int column, const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	set_here(d, line, column, text);
}

void door_nowhere(struct door *d)
{
	set_here(d, 0, 0, strdup(""));
}

/* Makes room for one more element; NULL when there is no memory. */
static void *one_more(struct door *d, void *list, size_t n, size_t size)
{
	/* Doubled whenever n is a power of two. */
	void *ret = n & (n - 1) ? list : reallocarray(list, n ? 2 * n : 1, size);

	d->no_memory = d->no_memory || !ret;
	return ret;
}

void door_note(struct door *d, enum note_kind kind, const char *pointer, const char *hint, const char *fmt, ...)
{
	struct note *notes = one_more(d, d->notes, d->n_notes, sizeof(*notes));
	char *text = NULL;
	va_list ap;

	d->refused += kind == NOTE_REFUSED;
	if (!notes)
		return;
	d->notes = notes;
	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	d->no_memory = d->no_memory || !text;
	notes[d->n_notes++] = (struct note){ kind, copy_here(d), copy(d, pointer), without_secret(text), copy(d, hint) };
}

/* --- walking --- */

/* The next token of a pointer, unescaped (RFC 6901); what follows it, or NULL at the end. */
static const char *token(const char *pointer, char buf[POINTER_MAX])
{
	size_t n = 0;

	if (*pointer != '/')
		return NULL;
	for (pointer++; *pointer && *pointer != '/'; pointer++) {
		char c = *pointer;

		if (c == '~' && (pointer[1] == '0' || pointer[1] == '1'))
			c = *++pointer == '0' ? '~' : '/';
		if (n < POINTER_MAX - 1)
			buf[n++] = c;
	}
	buf[n] = '\0';
	return pointer;
}

static json_t *step(json_t *at, const char *name)
{
	char *end;
	unsigned long i;

	if (!json_is_array(at))
		return json_object_get(at, name);
	i = strtoul(name, &end, 10);
	return *end || end == name ? NULL : json_array_get(at, i);
}

json_t *door_get(const struct door *d, const char *pointer)
{
	json_t *at = d->policy;
	char name[POINTER_MAX];

	for (const char *p = pointer; at && (p = token(p, name));)
		at = step(at, name);
	return at;
}

static struct sourced *origin_of(const struct door *d, const json_t *holder, const char *name, const json_t *value)
{
	for (size_t i = 0; i < d->n_origins; i++) {
		struct sourced *o = &d->origins[i];

		if (o->holder == holder && (o->name ? strcmp(o->name, name) == 0 : o->value == value))
			return o;
	}
	return NULL;
}

const struct place *door_origin(const struct door *d, const char *pointer)
{
	const struct place *best = NULL;
	json_t *at = d->policy;
	char name[POINTER_MAX];

	for (const char *p = pointer; at && (p = token(p, name));) {
		json_t *next = step(at, name);
		const struct sourced *o = next ? origin_of(d, at, name, next) : NULL;

		best = o ? &o->at : best;
		at = next;
	}
	return best && *best->text ? best : NULL;
}

/* --- setting --- */

static void remember(struct door *d, json_t *holder, const char *name, json_t *value)
{
	struct sourced *o = origin_of(d, holder, name, value);

	if (o) {
		json_decref(o->value);
		free(o->at.text);
		o->value = json_incref(value);
		o->at = copy_here(d);
		return;
	}
	o = one_more(d, d->origins, d->n_origins, sizeof(*o));
	if (!o)
		return;
	d->origins = o;
	o[d->n_origins++] = (struct sourced){
		json_incref(holder), json_incref(value), json_is_array(holder) ? NULL : copy(d, name), copy_here(d) };
}

static bool put(struct door *d, json_t *holder, const char *name, json_t *value)
{
	json_t *old = json_is_array(holder) ? step(holder, name) : NULL;
	int r;

	if (!json_is_array(holder))
		r = json_object_set_new(holder, name, value);
	else if (old)
		r = json_array_set_new(holder, strtoul(name, NULL, 10), value);
	else
		r = json_array_append_new(holder, value);
	d->no_memory = d->no_memory || r < 0;
	return r == 0;
}

void door_set(struct door *d, const char *pointer, json_t *value)
{
	char name[POINTER_MAX], next[POINTER_MAX];
	json_t *at = d->policy, *below;
	const char *p = token(pointer, name);
	json_auto_t *text = json_string(strrchr(pointer, '/') ? strrchr(pointer, '/') : "");	/* NULL: no UTF-8 */

	if (!value || !p || !text) {
		door_note(d, NOTE_REFUSED, pointer, NULL, "not UTF-8");
		json_decref(value);
		return;
	}
	for (; *p; memcpy(name, next, sizeof(name))) {
		p = token(p, next);
		below = step(at, name);
		if (!below) {
			below = strcmp(next, "-") == 0 ? json_array() : json_object();
			if (!put(d, at, name, below))
				return json_decref(value);
		}
		at = below;
	}
	if (put(d, at, name, value))
		remember(d, at, name, value);
}

void door_set_member(struct door *d, const char *pointer, const char *name, json_t *value)
{
	char full[POINTER_MAX];
	size_t used = (size_t)snprintf(full, sizeof(full), "%s", pointer);

	if (pointer_push(full, used, name, strlen(name)) > used) {
		door_set(d, full, value);
		return;
	}
	door_note(d, NOTE_REFUSED, pointer, NULL, "the name is too long");
	json_decref(value);
}

/* What the notes say of "/mounts/3" when "/mounts/1" has gone: "/mounts/2". Of the gone itself: nothing. */
static void move_up(struct door *d, const char *array, size_t gone)
{
	size_t len = strlen(array);

	for (size_t i = 0; i < d->n_notes; i++) {
		char *old = d->notes[i].pointer, *new = NULL, *end;
		unsigned long at;

		if (!old || strncmp(old, array, len) != 0 || old[len] != '/')
			continue;
		at = strtoul(old + len + 1, &end, 10);
		if (at < gone || end == old + len + 1)
			continue;
		if (at == gone)
			*old = '\0';
		else if (asprintf(&new, "%s/%lu%s", array, at - 1, end) < 0)
			d->no_memory = true;
		else
			free(old), d->notes[i].pointer = new;
	}
}

static bool was_set(const struct door *d, const char *pointer)
{
	const char *last = strrchr(pointer, '/');
	_auto(free_mem) char *above = strndup(pointer, (size_t)(last - pointer));
	json_t *holder = above ? door_get(d, above) : NULL;
	char name[POINTER_MAX];

	(void)token(last, name);
	return holder && origin_of(d, holder, name, step(holder, name));
}

void door_unset(struct door *d, const char *pointer)
{
	const char *last = strrchr(pointer, '/');
	_auto(free_mem) char *above = last ? strndup(pointer, (size_t)(last - pointer)) : NULL;
	json_t *holder = above ? door_get(d, above) : NULL;
	char name[POINTER_MAX];

	if (!holder)
		return;
	(void)token(last, name);
	if (json_is_array(holder)) {
		json_array_remove(holder, strtoul(name, NULL, 10));
		move_up(d, above, strtoul(name, NULL, 10));
	} else {
		json_object_del(holder, name);
	}
	/* What was only made to hold it goes as well; what somebody set empty has a meaning. */
	if (*above && json_array_size(holder) + json_object_size(holder) == 0 && !was_set(d, above))
		door_unset(d, above);
}

void door_unset_member(struct door *d, const char *pointer, const char *name)
{
	char full[POINTER_MAX];
	size_t used = (size_t)snprintf(full, sizeof(full), "%s", pointer);

	if (pointer_push(full, used, name, strlen(name)) > used && door_get(d, full))
		door_unset(d, full);
}
