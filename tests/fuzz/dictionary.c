/* dictionary.c - the words of the policy language, from the key rows, for libFuzzer's -dict=. */
#include "../../src/base/cleanup.h"
#include "../../src/policy/key.h"
#include "../../src/policy/names.h"

#include <stdio.h>
#include <string.h>

static void word(const char *s, size_t len)
{
	fputs("\"\\\"", stdout);
	fwrite(s, 1, len, stdout);
	fputs("\\\"\"\n", stdout);
}

static void rows(const struct key *k, size_t n)
{
	for (; n-- > 0; k++) {
		for (const char *part = k->name; *part; part += strspn(part, ".")) {
			word(part, strcspn(part, "."));
			part += strcspn(part, ".");
		}
		for (size_t i = 0; k->names && k->names[i]; i++)
			word(k->names[i], strlen(k->names[i]));
		rows(k->item, k->n_item);
	}
}

int main(void)
{
	static const char *const values[] = { "512M", "10s", "500ms", "unlimited", "1777", "0-3,7", "/srv/web", "127.0.0.1", "::1" };

	rows(policy_keys, policy_keys_len);
	rows(language_floor.rows, language_floor.n);
	for (size_t i = 0; i < capability_names_len; i++)
		word(capability_names[i], strlen(capability_names[i]));
	for (const struct signal_name *s = signal_names; s->name; s++)
		word(s->name, strlen(s->name));
	for (size_t i = 0; i < COUNT(values); i++)
		word(values[i], strlen(values[i]));
	return 0;
}
