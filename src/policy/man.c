/* man.c - the KEYS section of casemate-policy(5) and casemate-floor(5), from the rows. */
#include "../base/cleanup.h"
#include "policy.h"
#include "read.h"

#include <string.h>

/* Text that roff takes literally: a backslash is "\e", a minus "\-"; a leading dot cannot begin a row's text. */
static void roff(FILE *out, const char *s)
{
	for (; *s; s++)
		if (*s == '\\')
			fputs("\\e", out);
		else if (*s == '-')
			fputs("\\-", out);
		else
			fputc(*s, out);
}

static void man_rows(FILE *out, const struct key *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct key *k = &rows[i];
		char want[256];

		key_want(k, want, sizeof(want));
		fputs(".TP\n.B ", out);
		roff(out, k->name);
		fputs("\n", out);
		roff(out, k->doc);
		if (k->protects) {
			fputs("\nProtects ", out);
			roff(out, k->protects);
			fputs(".", out);
		}
		fputs("\n.br\nValue: ", out);
		roff(out, want);
		if (k->when)
			fprintf(out, "; %s %s \"%s\"%s", k->unless ? "not with" : "with", k->when, k->is, k->unless ? "" : " only");
		if (!k->def)
			fputs("; required.\n", out);
		else if (strcmp(k->def, "null") == 0)
			fputs("; no default.\n", out);
		else {
			fputs("; default ", out);
			roff(out, k->def);
			fputs(".\n", out);
		}
		if (k->n_item) {
			fputs(".RS\n", out);
			man_rows(out, k->item, k->n_item);
			fputs(".RE\n", out);
		}
	}
}

void language_man(const struct language *l, FILE *out)
{
	man_rows(out, l->rows, l->n);
}
