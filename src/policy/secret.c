/* secret.c - what looks like a secret; see secret.h. */
#include "secret.h"

#include "../base/cleanup.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define HINT "keep it in a file of mode 0400 and name that in \"secrets\": the workload finds it below /run/secrets"
#define WORD "A-Za-z0-9"

/* A shape is a row of pieces: a literal, then at least `min` characters of a class. A class
 * never holds the first character of the next literal, so that no matcher need backtrack. */
struct piece { const char *literal, *class; size_t min; };
static const struct { struct piece piece[3]; struct fault fault; } shapes[] = {
	{ { { "PRIVATE KEY-----", "", 0 } }, { "looks like a private key", HINT } },
	{ { { "AKIA", "A-Z0-9", 16 } }, { "looks like an AWS access key", HINT } },
	{ { { "ASIA", "A-Z0-9", 16 } }, { "looks like an AWS access key", HINT } },
	{ { { "ghp_", WORD, 36 } }, { "looks like a GitHub token", HINT } },
	{ { { "gho_", WORD, 36 } }, { "looks like a GitHub token", HINT } },
	{ { { "ghu_", WORD, 36 } }, { "looks like a GitHub token", HINT } },
	{ { { "ghs_", WORD, 36 } }, { "looks like a GitHub token", HINT } },
	{ { { "ghr_", WORD, 36 } }, { "looks like a GitHub token", HINT } },
	{ { { "github_pat_", WORD "_", 22 } }, { "looks like a GitHub token", HINT } },
	{ { { "glpat-", WORD "_-", 20 } }, { "looks like a GitLab token", HINT } },
	{ { { "xoxa-", WORD "-", 10 } }, { "looks like a Slack token", HINT } },
	{ { { "xoxb-", WORD "-", 10 } }, { "looks like a Slack token", HINT } },
	{ { { "xoxp-", WORD "-", 10 } }, { "looks like a Slack token", HINT } },
	{ { { "sk_live_", WORD, 16 } }, { "looks like a Stripe key", HINT } },
	{ { { "rk_live_", WORD, 16 } }, { "looks like a Stripe key", HINT } },
	{ { { "AIza", WORD "_-", 35 } }, { "looks like a Google API key", HINT } },
	{ { { "npm_", WORD, 36 } }, { "looks like an npm token", HINT } },
	{ { { "eyJ", WORD "_-", 8 }, { ".eyJ", "", 0 } }, { "looks like a JSON Web Token", HINT } },
	{ { { "://", WORD "._~%+-", 0 }, { ":", WORD "._~%!$&'()*+,;=:#^-", 1 }, { "@", "", 0 } },
	  { "holds a URL with a password", HINT } },
};

/* After the word there must be "_" or the end: TOKEN, GITHUB_TOKEN, TOKEN_V2, but not TOKENIZER. */
static const char *const words[] = {
	"PASSWORD", "PASSWD", "PASSPHRASE", "_PASS", "_PWD", "SECRET", "TOKEN", "APIKEY", "API_KEY", "ACCESS_KEY",
	"PRIVATE_KEY", "CREDENTIAL", "CREDENTIALS",
};

const char secret_harmless_pattern[] = "^(/.*|[0-9.]*|true|false|yes|no|on|off)$";

static bool in_class(char c, const char *class)
{
	for (; *class; class++)
		if (class[1] == '-' && class[2]) {
			if (c >= class[0] && c <= class[2])
				return true;
			class += 2;
		} else if (c == *class) {
			return true;
		}
	return false;
}

static bool matches(const char *s, const struct piece *piece)
{
	for (size_t i = 0; i < 3 && piece[i].literal; i++) {
		size_t len = strlen(piece[i].literal), n = 0;

		if (strncmp(s, piece[i].literal, len) != 0)
			return false;
		for (s += len; *s && in_class(*s, piece[i].class); s++)
			n++;
		if (n < piece[i].min)
			return false;
	}
	return true;
}

const struct fault *secret_value(const char *value)
{
	for (size_t i = 0; i < COUNT(shapes); i++) {
		const char *first = shapes[i].piece[0].literal;
		bool word = isalnum((unsigned char)*first);

		for (const char *s = value; (s = strstr(s, first)); s++)
			if (!(word && s > value && in_class(s[-1], WORD)) && matches(s, shapes[i].piece))
				return &shapes[i].fault;
	}
	return NULL;
}

const struct fault *secret_name(const char *name)
{
	static const struct fault f = { "the name says that this is a secret", HINT };

	for (size_t i = 0; i < COUNT(words); i++) {
		size_t len = strlen(words[i]);

		for (const char *s = name; (s = strcasestr(s, words[i])); s++)
			if (s[len] == '\0' || s[len] == '_')
				return &f;
	}
	return NULL;
}

static bool harmless(const char *value)
{
	static const char *const switches[] = { "true", "false", "yes", "no", "on", "off" };

	for (size_t i = 0; i < COUNT(switches); i++)
		if (strcmp(value, switches[i]) == 0)
			return true;
	return *value == '/' || value[strspn(value, "0123456789.")] == '\0';
}

const struct fault *secret_pair(const char *name, const char *value)
{
	return harmless(value) ? NULL : secret_name(name);
}

void secret_value_pattern(char buf[SECRET_PATTERN_MAX])
{
	FILE *out = fmemopen(buf, SECRET_PATTERN_MAX, "w");

	buf[0] = '\0';
	for (size_t i = 0; out && i < COUNT(shapes); i++) {
		fputs(i ? "|" : "", out);
		fputs(isalnum((unsigned char)*shapes[i].piece[0].literal) ? "(?<![" WORD "])" : "", out);
		for (const struct piece *p = shapes[i].piece; p < shapes[i].piece + 3 && p->literal; p++) {
			for (const char *c = p->literal; *c; c++)
				fprintf(out, "%s%c", *c == '.' ? "\\" : "", *c);
			if (*p->class)
				fprintf(out, "[%s]{%zu,}", p->class, p->min);
		}
	}
	close_file(&out);
}

void secret_name_pattern(char buf[SECRET_PATTERN_MAX])
{
	FILE *out = fmemopen(buf, SECRET_PATTERN_MAX, "w");

	buf[0] = '\0';
	for (size_t i = 0; out && i < COUNT(words); i++) {
		fputs(i ? "|" : "(", out);
		for (const char *c = words[i]; *c; c++)
			fprintf(out, isalpha((unsigned char)*c) ? "[%c%c]" : "%c", *c, tolower((unsigned char)*c));
	}
	if (out)
		fputs(")(_|$)", out);
	close_file(&out);
}
