/* print.c - foreign text for a terminal; see print.h. */
#include "print.h"

#include <stdbool.h>
#include <string.h>

enum { WIDTH = 80 };

/* Bytes of the UTF-8 character at c; 0: none begins here. A longer form than need be is none (RFC 3629): a terminal that does
 * not mind would find C1 in it. */
static size_t utf8(const unsigned char *c)
{
	size_t n = c[0] < 0x80 ? 1 : c[0] < 0xc2 || c[0] > 0xf4 ? 0 : c[0] < 0xe0 ? 2 : c[0] < 0xf0 ? 3 : 4;

	if ((c[0] == 0xe0 && c[1] < 0xa0) || (c[0] == 0xf0 && c[1] < 0x90))
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((c[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

/* Bytes to be put at once, and whether escaped: C0, DEL and C1 (in UTF-8 C2 80 to C2 9F) drive the terminal, and so might
 * what is no UTF-8, which terminals make of it what they like. */
static size_t character(const char *s, bool *escape)
{
	const unsigned char *c = (const unsigned char *)s;
	size_t n = utf8(c);

	*escape = n == 0 || c[0] < 0x20 || c[0] == 0x7f || (c[0] == 0xc2 && c[1] < 0xa0);
	return n ? n : 1;
}

int print_columns(const char *s, size_t len)
{
	int n = 0;

	for (size_t i = 0, step; i < len; i += step) {
		bool escape;

		step = character(s + i, &escape);
		n += escape ? 4 * (int)step : 1;
	}
	return n;
}

static void put(FILE *out, const char *s, size_t len)
{
	for (size_t i = 0, step; i < len; i += step) {
		bool escape;

		step = character(s + i, &escape);
		for (size_t k = 0; k < step && i + k < len; k++)
			fprintf(out, escape ? "\\x%02x" : "%c", (unsigned char)s[i + k]);
	}
}

void print_escaped(FILE *out, const char *text)
{
	put(out, text, strlen(text));
}

void print_wrapped(FILE *out, const char *text, int column, int indent)
{
	bool first = column == indent;

	text += strspn(text, " ");
	for (size_t len; *text; text += strspn(text, " ")) {
		len = strcspn(text, " ");
		if (!first && column + 1 + print_columns(text, len) > WIDTH) {
			fprintf(out, "\n%*s", indent, "");
			column = indent;
		} else if (!first) {
			fputc(' ', out);
			column++;
		}
		put(out, text, len);
		column += print_columns(text, len);
		first = false;
		text += len;
	}
}
