/* reader.c - see reader.h. */
#include "reader.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

size_t down(struct reader *r, const char *fmt, ...)
{
	size_t mark = strlen(r->at);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(r->at + mark, sizeof(r->at) - mark, fmt, ap);
	va_end(ap);
	return mark;
}

void back(struct reader *r, size_t mark)
{
	r->at[mark] = '\0';
}

int fail(struct reader *r, const char *hint, const char *fmt, ...)
{
	char msg[sizeof(r->e->msg)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	err_set(r->e, ERR_POLICY, 0, hint, "%s", msg);
	return err_at(r->e, "%s", r->at);
}

static const char *type_name(json_type t)
{
	static const char *const names[] = {
		[JSON_OBJECT] = "an object", [JSON_ARRAY] = "an array", [JSON_STRING] = "a string",
		[JSON_INTEGER] = "an integer", [JSON_REAL] = "a number", [JSON_TRUE] = "true or false",
		[JSON_FALSE] = "true or false", [JSON_NULL] = "null",
	};

	return names[t];
}

static int unknown_key(struct reader *r, const char *key, const struct member *m, size_t n)
{
	char hint[sizeof(r->e->hint)] = "known here:";

	for (size_t i = 0; i < n; i++) {
		size_t used = strlen(hint);

		if (strcasecmp(key, m[i].name) == 0) {
			snprintf(hint, sizeof(hint), "did you mean \"%s\"?", m[i].name);
			break;
		}
		snprintf(hint + used, sizeof(hint) - used, " %s", m[i].name);
	}
	return fail(r, hint, "unknown key");
}

int members(struct reader *r, json_t *obj, const struct member *m, size_t n, json_t **v)
{
	const char *key;
	json_t *value;
	size_t i, mark;

	if (!json_is_object(obj))
		return fail(r, NULL, "want an object");
	memset(v, 0, n * sizeof(*v));
	json_object_foreach(obj, key, value) {
		mark = down(r, "/%s", key);
		for (i = 0; i < n && strcmp(key, m[i].name) != 0; i++)
			;
		if (i == n)
			return unknown_key(r, key, m, n);
		if (m[i].refused)
			return fail(r, NULL, "%s", m[i].refused);
		if (!(json_is_null(value) && m[i].flags & NULL_OK)) {
			if (json_typeof(value) != m[i].type)
				return fail(r, NULL, "want %s", type_name(m[i].type));
			v[i] = value;
		}
		back(r, mark);
	}
	for (i = 0; i < n; i++)
		if (m[i].flags & REQUIRED && !v[i])
			return fail(r, NULL, "\"%s\" is missing", m[i].name);
	return 0;
}

int want_string(struct reader *r, json_t *j, const char **ret)
{
	*ret = json_string_value(j);
	return *ret ? 0 : fail(r, NULL, "want a string");
}
