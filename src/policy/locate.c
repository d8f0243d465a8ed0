/* locate.c - from a JSON pointer to line and column, and back; see locate.h. */
#include "locate.h"

#include "../base/cleanup.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct scan { const char *p, *end; };

static void blanks(struct scan *s)
{
	while (s->p < s->end && strchr(" \t\r\n,:", *s->p) && *s->p)
		s->p++;
}

static void string(struct scan *s)
{
	for (s->p++; s->p < s->end && *s->p != '"'; s->p++)
		if (*s->p == '\\' && s->p + 1 < s->end)
			s->p++;
	if (s->p < s->end)
		s->p++;
}

/* Steps over one value: brackets are counted, not remembered, so any depth will do. */
static void value(struct scan *s)
{
	size_t depth = 0;

	do {
		blanks(s);
		if (s->p >= s->end)
			return;
		if (*s->p == '"') {
			string(s);
		} else if (*s->p == '{' || *s->p == '[') {
			depth++;
			s->p++;
		} else if (*s->p == '}' || *s->p == ']') {
			if (depth == 0)
				return;
			depth--;
			s->p++;
		} else {
			while (s->p < s->end && !(strchr(" \t\r\n,:{}[]\"", *s->p) && *s->p))
				s->p++;
		}
	} while (depth > 0);
}

/* One member of an object or array: where its key (an array has none: the value) and its value start and end. */
struct member { const char *key, *key_end, *value, *end; size_t index; };

/* Opens the object or array at s, or returns false. */
static bool enter(struct scan *s, struct member *m)
{
	blanks(s);
	*m = (struct member){ .index = (size_t)-1 };
	if (s->p >= s->end || (*s->p != '{' && *s->p != '['))
		return false;
	s->p++;
	return true;
}

static bool next(struct scan *s, bool object, struct member *m)
{
	blanks(s);
	if (s->p >= s->end || *s->p == '}' || *s->p == ']')
		return false;
	m->index++;
	m->key = s->p;
	if (object) {
		if (*s->p != '"')
			return false;
		string(s);
		m->key_end = s->p;
		blanks(s);
	}
	m->value = s->p;
	value(s);
	m->end = s->p;
	return m->end > m->key;
}

/* The key as it reads, escapes undone; *len bytes, or NULL. */
static json_t *decoded(const struct member *m)
{
	return json_loadb(m->key, (size_t)(m->key_end - m->key), JSON_DECODE_ANY, NULL);
}

size_t pointer_push(char buf[POINTER_MAX], size_t used, const char *token, size_t len)
{
	size_t start = used;

	if (used + 1 < POINTER_MAX)
		buf[used++] = '/';
	for (size_t i = 0; i < len; i++) {
		if (used + 3 > POINTER_MAX) {
			used = start;	/* half a name would name something else */
			break;
		}
		if (token[i] == '~' || token[i] == '/') {
			buf[used++] = '~';
			buf[used++] = token[i] == '~' ? '0' : '1';
		} else {
			buf[used++] = token[i];
		}
	}
	buf[used] = '\0';
	return used;
}

static size_t push_member(char buf[POINTER_MAX], size_t used, bool object, const struct member *m)
{
	char index[24];
	size_t n;

	if (object) {
		json_auto_t *key = decoded(m);

		return key ? pointer_push(buf, used, json_string_value(key), json_string_length(key)) : used;
	}
	n = (size_t)snprintf(index, sizeof(index), "%zu", m->index);
	return pointer_push(buf, used, index, n);
}

size_t locate(const char *text, size_t len, const char *pointer, int key)
{
	struct scan s = { text, text + len };
	const char *found, *found_key;
	struct member m;

	blanks(&s);
	found = found_key = s.p;
	while (*pointer == '/') {
		size_t n = 1 + strcspn(pointer + 1, "/");
		bool object = s.p < s.end && *s.p == '{', hit = false;

		if (!enter(&s, &m))
			break;
		while (!hit && next(&s, object, &m)) {
			char token[POINTER_MAX];
			size_t used = push_member(token, 0, object, &m);

			hit = used == n && memcmp(token, pointer, n) == 0;
		}
		if (!hit)
			return (size_t)(found - text);
		found = m.value;
		found_key = m.key;
		s.p = m.value;
		pointer += n;
	}
	return (size_t)((key ? found_key : found) - text);
}

void pointer_at(const char *text, size_t len, size_t offset, char buf[POINTER_MAX])
{
	struct scan s = { text, text + len };
	const char *at = text + (offset < len ? offset : len);
	size_t used = 0;
	struct member m;

	buf[0] = '\0';
	for (int level = 0; level < 64; level++) {	/* deeper is an error of its own */
		bool object, hit = false;

		blanks(&s);
		object = s.p < s.end && *s.p == '{';
		if (!enter(&s, &m))
			return;
		while (!hit && next(&s, object, &m))
			hit = at >= m.key && at < m.end;
		if (!hit)
			return;
		used = push_member(buf, used, object, &m);
		if (at < m.value)
			return;
		s.p = m.value;
	}
}

void line_column(const char *text, size_t len, size_t offset, int *line, int *column)
{
	*line = *column = 1;
	for (size_t i = 0; i < offset && i < len; i++)
		if (text[i] == '\n') {
			(*line)++;
			*column = 1;
		} else if (((unsigned char)text[i] & 0xc0) != 0x80) {	/* not a later byte of a UTF-8 character */
			(*column)++;
		}
}
