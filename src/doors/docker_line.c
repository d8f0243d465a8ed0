/* docker_line.c - a docker run line taken apart, with docker's own rules for options; see docker.h.
 *
 * docker's client uses pflag (pkg.go.dev/github.com/spf13/pflag): long options are never abbreviated, a flag takes a
 * value only behind "=", letters may be bundled, and the first word that is no option is the image: what follows is the
 * container's. Not getopt(3), which sees all of these a little differently. */
#include "docker.h"

#include "../base/cleanup.h"
#include "../policy/secret.h"
#include "../policy/suggest.h"

#include <errno.h>
#include <string.h>

struct words {
	char **argv;
	int argc, at;
	int column;		/* of argv[at] */
};

static char *take_word(struct words *w)
{
	char *ret = w->argv[w->at++];

	w->column += (int)strlen(ret) + 1;
	return ret;
}

const struct docker_option *docker_option_find(const char *name, size_t len)
{
	for (const struct docker_option *o = docker_options; o->name; o++)
		if (strncmp(o->name, name, len) == 0 && o->name[len] == '\0')
			return o;
	return NULL;
}

static const struct docker_option *find_letter(char letter)
{
	for (const struct docker_option *o = docker_options; o->name; o++)
		if (o->letter == letter)
			return o;
	return NULL;
}

const struct given *docker_last(const struct docker_line *l, const char *name)
{
	const struct given *ret = NULL;

	for (size_t i = 0; i < l->n; i++)
		if (docker_is(&l->given[i], name))
			ret = &l->given[i];
	return ret;
}

bool docker_is(const struct given *g, const char *name)
{
	return strcmp(g->option->name, name) == 0;
}

/* --- what the option looks like in a note --- */

/* The bytes of the value that may be shown: up to a secret. */
static int shown(const struct docker_option *o, const char *value)
{
	const char *eq = strchr(value, '=');
	_auto(free_mem) char *name = eq ? strndup(value, (size_t)(eq - value)) : NULL;

	if (name && strcmp(o->name, "env") == 0 && (secret_name(name) || secret_value(value)))
		return (int)(eq - value) + 1;
	return secret_value(value) ? 0 : (int)strlen(value);
}

static char *quote(const struct docker_option *o, bool letter, const char *between, const char *value)
{
	char short_name[2] = { o->letter, '\0' }, *ret = NULL;
	int n = value ? shown(o, value) : 0;

	return asprintf(&ret, "%s%s%s%.*s%s", letter ? "-" : "--", letter ? short_name : o->name, value ? between : "", n,
			value ? value : "", value && value[n] ? "..." : "") < 0 ? NULL : ret;
}

/* --- taking apart --- */

static int add(struct docker_line *l, const struct docker_option *o, const char *value, int column, char *text, struct err *e)
{
	struct given *more = reallocarray(l->given, l->n + 1, sizeof(*more));
	bool on = true;

	if (!more || !text) {
		free(text);
		return err_set(e, ERR_HOST, ENOMEM, NULL, "cannot hold the line");
	}
	l->given = more;
	more[l->n++] = (struct given){ .option = o, .value = value, .line = 1, .column = column, .text = text };
	if (o->flag && !docker_bool(value, &on))
		return err_set(e, ERR_USAGE, 0, "true or false", "--%s: not '%.40s'", o->name, value);
	more[l->n - 1].on = on;
	l->help = l->help || (on && strcmp(o->name, "help") == 0);
	return 0;
}

static int unknown(const char *name, size_t len, struct err *e)
{
	_auto(free_mem) char *word = strndup(name, len);
	char hint[GUESS_MAX + 24];
	struct guess g;

	guess_start(&g, word ? word : "");
	for (const struct docker_option *o = docker_options; o->name; o++)
		guess_offer(&g, o->name, strlen(o->name));
	snprintf(hint, sizeof(hint), "did you mean --%s?", g.best);
	return err_set(e, ERR_USAGE, 0, g.best[0] ? hint : "`casemate docker run --help` lists docker's options",
		       "docker run has no option --%.60s", word ? word : "");
}

static int no_value(const struct docker_option *o, struct err *e)
{
	return err_set(e, ERR_USAGE, 0, NULL, "--%s wants a value", o->name);
}

static int long_option(struct words *w, struct docker_line *l, struct err *e)
{
	int column = w->column;
	char *word = take_word(w) + 2, *eq = strchr(word, '=');
	size_t len = eq ? (size_t)(eq - word) : strlen(word);
	const struct docker_option *o = len ? docker_option_find(word, len) : NULL;

	if (!o)
		return unknown(word, len, e);
	if (eq)
		return add(l, o, eq + 1, column, quote(o, false, "=", eq + 1), e);
	if (o->flag)
		return add(l, o, "true", column, quote(o, false, "", NULL), e);
	if (w->at == w->argc)
		return no_value(o, e);
	word = take_word(w);
	return add(l, o, word, column, quote(o, false, " ", word), e);
}

/* -it -p8080:80 -p=8080:80 -p 8080:80 -d=false */
static int letters(struct words *w, struct docker_line *l, struct err *e)
{
	int column = w->column;

	for (char *word = take_word(w) + 1; *word; word++) {
		const struct docker_option *o = find_letter(*word);

		if (!o)
			return err_set(e, ERR_USAGE, 0, "`casemate docker run --help` lists docker's options",
				       "docker run has no option -%c", *word > ' ' && *word < 0x7f ? *word : '?');
		if (word[1] == '=' && word[2])
			return add(l, o, word + 2, column, quote(o, true, "=", word + 2), e);
		if (!o->flag && word[1])
			return add(l, o, word + 1, column, quote(o, true, "", word + 1), e);
		if (!o->flag && w->at == w->argc)
			return no_value(o, e);
		if (!o->flag) {
			word = take_word(w);
			return add(l, o, word, column, quote(o, true, " ", word), e);
		}
		if (add(l, o, "true", column, quote(o, true, "", NULL), e) < 0)
			return -1;
	}
	return 0;
}

int docker_line(int argc, char **argv, int column, struct docker_line *l, struct err *e)
{
	struct words w = { argv, argc, 0, column };

	*l = (struct docker_line){ 0 };
	while (w.at < argc && argv[w.at][0] == '-' && argv[w.at][1]) {
		if (strcmp(argv[w.at], "--") == 0) {
			take_word(&w);
			break;
		}
		if ((argv[w.at][1] == '-' ? long_option : letters)(&w, l, e) < 0)
			return -1;
	}
	if (l->help)
		return 0;
	if (w.at == argc || !argv[w.at][0])
		return err_set(e, ERR_USAGE, 0, "docker run [OPTION...] IMAGE [ARG...]", "which IMAGE?");
	l->image_spot = (struct spot){ 1, w.column };
	l->image = take_word(&w);
	l->args = argv + w.at;
	l->n_args = argc - w.at;
	return 0;
}

int docker_line_add(struct docker_line *l, const struct docker_option *o, const char *value, const struct place *at, struct err *e)
{
	if (add(l, o, value, at->column, strdup(at->text), e) < 0)
		return -1;
	l->given[l->n - 1].line = at->line;
	return 0;
}

void docker_line_free(struct docker_line *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->given[i].text);
	free(l->given);
	*l = (struct docker_line){ 0 };
}
