/* oci_walk.c - see oci_walk.h. */
#include "oci_walk.h"

#include "../base/cleanup.h"
#include "../policy/locate.h"

#include <stdio.h>
#include <string.h>

enum { PATTERN_MAX = 160 };

struct walk {
	const struct oci_visitor *visitor;
	char pattern[PATTERN_MAX], pointer[POINTER_MAX];
};

static const struct oci_field *find(const char *path)
{
	size_t n = strlen(path);

	for (size_t i = 0; i < oci_fields_len; i++)
		if (oci_fields[i].len == n && memcmp(oci_fields[i].path, path, n) == 0)
			return &oci_fields[i];
	return NULL;
}

bool oci_has_type(const json_t *v, const struct oci_field *f)
{
	switch (f->type) {
	case OCI_OBJECT: return json_is_object(v);
	case OCI_ARRAY: return json_is_array(v);
	case OCI_STRING: return json_is_string(v);
	case OCI_INTEGER: return json_is_integer(v);
	case OCI_BOOL: return json_is_boolean(v);
	}
	return false;
}

const char *oci_type_name(enum oci_type type)
{
	static const char *const names[] = { [OCI_OBJECT] = "an object", [OCI_ARRAY] = "an array", [OCI_STRING] = "a string",
					     [OCI_INTEGER] = "an integer", [OCI_BOOL] = "true or false" };

	return names[type];
}

/* Whether the table goes on below; it does not for other platforms. */
static bool has_parts(const char *pattern)
{
	size_t n = strlen(pattern);

	for (size_t i = 0; i < oci_fields_len; i++)
		if (oci_fields[i].len > n && memcmp(oci_fields[i].path, pattern, n) == 0)
			return true;
	return false;
}

static void walk(struct walk *, json_t *at);

/* null is as good as not there, which an entry of a list or a map cannot be: whatever came behind it would move up. */
static bool may_be_null(const struct oci_field *f)
{
	return !strchr("]*", f->path[f->len - 1]);
}

static void visit(struct walk *w, const struct oci_field *f, json_t *v)
{
	if ((json_is_null(v) && may_be_null(f)) || !w->visitor->enter(w->visitor->ctx, f, v, w->pointer))
		return;
	if ((json_is_object(v) || json_is_array(v)) && has_parts(w->pattern))
		walk(w, v);
	if (w->visitor->leave)
		w->visitor->leave(w->visitor->ctx, f, v, w->pointer);
}

static void walk_array(struct walk *w, json_t *at)
{
	size_t used = strlen(w->pattern), deep = strlen(w->pointer), i;
	const struct oci_field *f;
	json_t *v;

	snprintf(w->pattern + used, PATTERN_MAX - used, "[]");
	f = find(w->pattern);
	json_array_foreach(at, i, v) {
		snprintf(w->pointer + deep, POINTER_MAX - deep, "/%zu", i);
		if (f)
			visit(w, f, v);
		w->pointer[deep] = '\0';
	}
	w->pattern[used] = '\0';
}

static void walk(struct walk *w, json_t *at)
{
	size_t used = strlen(w->pattern), deep = strlen(w->pointer);
	const char *name;
	json_t *v;

	if (json_is_array(at)) {
		walk_array(w, at);
		return;
	}
	json_object_foreach(at, name, v) {
		const struct oci_field *f = NULL;

		pointer_push(w->pointer, deep, name, strlen(name));
		if (!strpbrk(name, ".[*") && used + strlen(name) + 2 < PATTERN_MAX) {
			snprintf(w->pattern + used, PATTERN_MAX - used, "%s%s", used ? "." : "", name);
			f = find(w->pattern);
		}
		if (!f) {
			snprintf(w->pattern + used, PATTERN_MAX - used, "%s*", used ? "." : "");
			f = find(w->pattern);
		}
		if (f) {
			visit(w, f, v);
		} else {
			w->pattern[used] = '\0';
			w->visitor->unknown(w->visitor->ctx, w->pattern, name, w->pointer);
		}
		w->pattern[used] = '\0';
		w->pointer[deep] = '\0';
	}
}

void oci_walk(json_t *root, const struct oci_visitor *visitor)
{
	struct walk w = { .visitor = visitor };

	walk(&w, root);
}

void oci_clamp(char *text, size_t len)
{
	bool in_string = false;

	for (size_t i = 0; i < len; i++) {
		size_t n = 0;

		if (text[i] == '"')
			in_string = !in_string;
		else if (in_string && text[i] == '\\')
			i++;
		if (in_string)
			continue;
		while (i + n < len && text[i + n] >= '0' && text[i + n] <= '9')
			n++;
		if (n == 20 && (i == 0 || text[i - 1] != '-') && memcmp(text + i, "18446744073709551615", 20) == 0 &&
		    (i + n == len || !strchr(".eE", text[i + n])))
			memcpy(text + i, "9223372036854775807 ", 20);
		i += n ? n - 1 : 0;
	}
}
