/* document.c - see document.h. */
#include "document.h"

#include "../base/cleanup.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* In memory, and as jansson writes it. */
#define MARK "\001number "
#define MARK_TEXT "\\u0001number "

/* An integer that jansson holds, which is an int64_t. */
static bool fits(const char *at, size_t n, bool negative)
{
	return n < 19 || (n == 19 && memcmp(at, negative ? "9223372036854775808" : "9223372036854775807", n) <= 0);
}

static size_t digits(const char *s, const char *end)
{
	size_t n = 0;

	while (s + n < end && s[n] >= '0' && s[n] <= '9')
		n++;
	return n;
}

/* The length of the JSON number at s (RFC 8259, 6), or 0; *plain: an integer that jansson holds. */
static size_t number(const char *s, const char *end, bool *plain)
{
	const char *at = s + (*s == '-');
	size_t n = digits(at, end);

	if (n == 0 || (*at == '0' && n > 1))
		return 0;
	*plain = fits(at, n, *s == '-');
	at += n;
	if (at < end && *at == '.') {
		n = digits(at + 1, end);
		if (n == 0)
			return 0;
		at += 1 + n;
		*plain = false;
	}
	if (at < end && (*at == 'e' || *at == 'E')) {
		at += 1 + (at + 1 < end && (at[1] == '+' || at[1] == '-'));
		n = digits(at, end);
		if (n == 0)
			return 0;
		at += n;
		*plain = false;
	}
	return (size_t)(at - s);
}

/* The length of the string at s, with both quotes; one without an end reaches to the end of all. */
static size_t string(const char *s, const char *end)
{
	const char *at = s + 1;

	while (at < end && *at != '"')
		at += 1 + (*at == '\\' && at + 1 < end);
	return (size_t)(at - s) + (at < end);
}

/* Numbers that jansson cannot hold become strings. What is no number stays, for jansson to complain about. */
static size_t wrap(const char *text, size_t len, FILE *out)
{
	const char *end = text + len;
	size_t wrapped = 0, n;

	for (const char *s = text; s < end; s += n) {
		bool plain = true;

		n = *s == '"' ? string(s, end) : *s == '-' || (*s >= '0' && *s <= '9') ? number(s, end, &plain) : 1;
		n += n == 0;
		if (plain) {
			fwrite(s, 1, n, out);
			continue;
		}
		fprintf(out, "\"" MARK_TEXT "%.*s\"", (int)n, s);
		wrapped++;
	}
	return wrapped;
}

const char *oci_number_text(const json_t *v)
{
	const char *s = json_string_value(v);

	return s && strncmp(s, MARK, strlen(MARK)) == 0 ? s + strlen(MARK) : NULL;
}

json_t *oci_number(uint64_t v)
{
	return v > INT64_MAX ? json_sprintf(MARK "%" PRIu64, v) : json_integer((json_int_t)v);
}

bool oci_number_unsigned(const json_t *v, uint64_t *ret)
{
	const char *digits = oci_number_text(v);
	char *end;

	if (!digits || *digits == '-')
		return false;
	errno = 0;
	*ret = strtoull(digits, &end, 10);
	return !*end && errno == 0;
}

/* Behind a quotation mark it would be found as well when the text is written, so it may be nowhere else. */
static size_t count_marks(json_t *at)
{
	const char *name = json_string_value(at);
	size_t n = name && strstr(name, MARK), i;
	json_t *v;

	json_array_foreach(at, i, v)
		n += count_marks(v);
	json_object_foreach(at, name, v)
		n += count_marks(v) + (strstr(name, MARK) ? 1 : 0);
	return n;
}

json_t *oci_document_read(const char *text, size_t len, struct err *e)
{
	_auto(free_mem) char *copy = NULL;
	json_auto_t *root = NULL;
	size_t size = 0, wrapped;
	json_error_t bad;
	FILE *out;

	if (len > OCI_DOCUMENT_MAX) {
		err_set(e, ERR_POLICY, 0, NULL, "a config.json has at most %d MiB", OCI_DOCUMENT_MAX >> 20);
		return NULL;
	}
	out = open_memstream(&copy, &size);
	wrapped = out ? wrap(text, len, out) : 0;
	if (!out || fclose(out) != 0) {
		err_set(e, ERR_HOST, ENOMEM, NULL, "cannot hold the config.json");
		return NULL;
	}
	root = json_loadb(copy, size, JSON_REJECT_DUPLICATES, &bad);
	if (!root || !json_is_object(root) || count_marks(root) != wrapped) {
		e->line = root ? 1 : bad.line;
		e->column = root ? 1 : bad.column;
		err_set(e, ERR_POLICY, 0, NULL, "%s", !root ? bad.text : json_is_object(root) ? "a text with U+0001 in it" : "want an object");
		return NULL;
	}
	return json_incref(root);
}

char *oci_document_write(const json_t *root)
{
	static const char mark[] = "\"" MARK_TEXT;
	char *text = json_dumps(root, JSON_COMPACT), *to, *from, *next;

	if (!text)
		return NULL;
	for (to = from = text; (next = strstr(from, mark)); from = next + 1) {
		memmove(to, from, (size_t)(next - from));
		to += next - from;
		from = next + strlen(mark);
		next = from + strcspn(from, "\"");
		memmove(to, from, (size_t)(next - from));
		to += next - from;
	}
	memmove(to, from, strlen(from) + 1);
	return text;
}
