/* compose_text.c - the text of a compose file's scalars: variables filled in as the specification says, and commands
 * split into words. */
#include "compose.h"

#include "../base/cleanup.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

enum { TEXT_MAX = 64 * 1024, NESTED_MAX = 8 };

char *compose_printf(struct compose *c, const char *fmt, ...)
{
	_auto(free_mem) char *text = NULL;
	va_list ap;
	char *ret;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	ret = n < 0 ? NULL : arena_strndup(c->arena, text, (size_t)n);
	c->door->no_memory = c->door->no_memory || !ret;
	if (n < 0)
		text = NULL;
	return ret;
}

/* --- variables --- */

/* NAME=VALUE of .env: quotes around the value go, and so does a comment behind a blank. */
static const char *from_dot_env(struct compose *c, const char *name, size_t len)
{
	for (const char *line = c->dot_env; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		size_t end = strcspn(line, "\r\n");
		const char *at = line + strspn(line, " \t"), *value, *comment;

		if (strncmp(at, "export ", 7) == 0)
			at += 7;
		if (strncmp(at, name, len) != 0 || at[len] != '=' || at + len >= line + end)
			continue;
		value = at + len + 1;
		end = (size_t)(line + end - value);
		if (end >= 2 && (*value == '"' || *value == '\'') && memchr(value + 1, *value, end - 1))
			return arena_strndup(c->arena, value + 1, strcspn(value + 1, *value == '"' ? "\"" : "'"));
		comment = memmem(value, end, " #", 2);
		end = comment ? (size_t)(comment - value) : end;
		while (end && isblank((unsigned char)value[end - 1]))
			end--;
		return arena_strndup(c->arena, value, end);
	}
	return NULL;
}

static const char *variable(struct compose *c, const char *name, size_t len)
{
	char *copy = arena_strndup(c->arena, name, len);
	const char *value = copy ? getenv(copy) : NULL;

	return value ? value : from_dot_env(c, name, len);
}

struct expansion { struct compose *c; char *out; size_t used; const char *why; };

static void put(struct expansion *x, const char *text, size_t len)
{
	if (x->used + len >= TEXT_MAX) {
		x->why = "longer than is handled when its variables are filled in";
		return;
	}
	memcpy(x->out + x->used, text, len);
	x->used += len;
}

static size_t name_length(const char *s)
{
	size_t n = 0;

	if (isalpha((unsigned char)*s) || *s == '_')
		while (isalnum((unsigned char)s[n]) || s[n] == '_')
			n++;
	return n;
}

static void expand(struct expansion *x, const char *text, size_t len, unsigned depth);

/* The end of ${...}, whose inside begins here: braces of what is nested count. */
static const char *closing(const char *at, const char *end)
{
	unsigned open = 1;

	for (; at < end; at++) {
		if (*at == '}' && --open == 0)
			return at;
		if (*at == '$' && at + 1 < end && at[1] == '{') {
			open++;
			at++;
		}
	}
	return NULL;
}

/* NAME, NAME:-WORD, NAME-WORD, NAME:?WORD, NAME?WORD, NAME:+WORD, NAME+WORD */
static void braces(struct expansion *x, const char *at, const char *end, unsigned depth)
{
	size_t n = name_length(at);
	const char *value, *word = at + n;
	bool colon = word < end && *word == ':', set;
	char op;

	if (!n || word > end) {
		x->why = "no name of a variable behind \"${\"";
		return;
	}
	value = variable(x->c, at, n);
	word += colon;
	op = word < end ? *word++ : '\0';
	set = value && (!colon || *value);
	if (op && strchr("-?+", op)) {
		if (set ? op == '+' : op == '-')
			expand(x, word, (size_t)(end - word), depth + 1);
		else if (set)
			put(x, value, strlen(value));
		else if (op == '?')
			x->why = "a variable that has to be set is not";
	} else if (op || colon) {
		x->why = "no form of a variable: want ${NAME}, ${NAME:-DEFAULT}, ${NAME:?WHY} or ${NAME:+WORD}";
	} else if (value) {
		put(x, value, strlen(value));
	} else {
		x->why = "a variable that is not set";
	}
}

static void expand(struct expansion *x, const char *text, size_t len, unsigned depth)
{
	const char *end = text + len, *stop;

	if (depth == NESTED_MAX)
		x->why = "variables nested deeper than is handled";
	while (text < end && !x->why) {
		const char *dollar = memchr(text, '$', (size_t)(end - text));

		put(x, text, (size_t)((dollar ? dollar : end) - text));
		if (!dollar)
			return;
		text = dollar + 1;
		if (text < end && *text == '$') {
			put(x, text++, 1);
		} else if (text < end && *text == '{') {
			stop = closing(++text, end);
			if (!stop)
				x->why = "\"${\" without its \"}\"";
			else
				braces(x, text, stop, depth), text = stop + 1;
		} else if (text < end && name_length(text)) {
			stop = text + name_length(text);
			braces(x, text, stop < end ? stop : end, depth);
			text = stop;
		} else {
			x->why = "a \"$\" that names no variable: write \"$$\" for itself";
		}
	}
}

int compose_expand(struct compose *c, const char *text, const char **ret, const char **why)
{
	_auto(free_mem) char *buf = NULL;
	struct expansion x = { .c = c };

	*ret = text;
	if (!strchr(text, '$'))
		return 0;
	x.out = buf = malloc(TEXT_MAX);
	if (!buf) {
		*why = "too long";
		return -1;
	}
	expand(&x, text, strlen(text), 0);
	*why = x.why;
	*ret = x.why ? NULL : arena_strndup(c->arena, buf, x.used);
	if (!x.why && !*ret)
		*why = "too long";
	return *ret ? 0 : -1;
}

const char *compose_text(struct compose *c, const struct node *n)
{
	const char *text, *why;

	if (n->kind != NODE_SCALAR) {
		compose_note(c, NOTE_REFUSED, NULL, "want one value, not a %s", n->kind == NODE_SEQUENCE ? "list" : "mapping");
		return NULL;
	}
	if (compose_expand(c, n->text, &text, &why) == 0)
		return text;
	compose_note(c, NOTE_REFUSED, "export it, put it into .env, or write ${NAME:-DEFAULT}", "%s", why);
	return NULL;
}

bool compose_bool(struct compose *c, const struct node *n, bool *ret)
{
	const char *text = compose_text(c, n);

	if (text && (strcasecmp(text, "true") == 0 || strcasecmp(text, "false") == 0)) {
		*ret = (*text | 0x20) == 't';
		return true;
	}
	if (text)
		compose_note(c, NOTE_REFUSED, "what yes, on and 1 mean depends on the reader", "want true or false");
	return false;
}

const char *compose_path(struct compose *c, const char *path)
{
	const char *home = getenv("HOME");

	if (*path == '~' && (path[1] == '/' || !path[1]) && home)
		return compose_printf(c, "%s%s", home, path + 1);
	return *path == '/' ? path : compose_printf(c, "%s/%s", c->dir, path);
}

/* --- words of a command --- */

static void add_word(struct compose *c, const char *text, size_t len, const struct node *n)
{
	enum { WORDS_MAX = 256 };

	if (!c->args) {
		c->args = arena_alloc(c->arena, (WORDS_MAX + 1) * sizeof(*c->args));
		c->arg_spots = arena_alloc(c->arena, (WORDS_MAX + 1) * sizeof(*c->arg_spots));
	}
	if (!c->args || !c->arg_spots || c->n_args == WORDS_MAX) {
		compose_note(c, NOTE_REFUSED, NULL, "more than %d words", WORDS_MAX);
		return;
	}
	c->arg_spots[c->n_args] = (struct spot){ n->line, n->column };
	c->args[c->n_args] = arena_strndup(c->arena, text, len);
	c->door->no_memory = c->door->no_memory || !c->args[c->n_args];
	c->n_args += c->args[c->n_args] != NULL;
}

/* As sh(1) takes words apart, and no more of it: quotes and backslashes; operators are text, since no shell runs. */
static void split(struct compose *c, const char *text, const struct node *n)
{
	_auto(free_mem) char *word = malloc(strlen(text) + 1);
	size_t len = 0;
	bool in_word = false;
	char quote = '\0';

	for (; word && *text; text++) {
		if (quote == '\'' ? *text == '\'' : quote && *text == quote) {
			quote = '\0';
		} else if (!quote && (*text == '\'' || *text == '"')) {
			quote = *text;
			in_word = true;
		} else if (*text == '\\' && text[1] && (!quote || (quote == '"' && strchr("\"\\$`", text[1])))) {
			word[len++] = *++text;
			in_word = true;
		} else if (!quote && isspace((unsigned char)*text)) {
			if (in_word)
				add_word(c, word, len, n);
			len = 0;
			in_word = false;
		} else {
			word[len++] = *text;
			in_word = true;
		}
	}
	if (quote)
		compose_note(c, NOTE_REFUSED, NULL, "a quote that is not closed");
	else if (in_word)
		add_word(c, word, len, n);
}

void compose_words(struct compose *c, const struct node *n)
{
	const char *text;
	size_t i = 0;

	if (n->kind == NODE_SCALAR) {
		text = compose_text(c, n);
		if (text)
			split(c, text, n);
		return;
	}
	for (const struct node_entry *e = n->kind == NODE_SEQUENCE ? n->entries : NULL; e; e = e->next) {
		size_t mark = compose_down(c, e->value, "%zu", i++);

		text = compose_text(c, e->value);
		if (text)
			add_word(c, text, strlen(text), e->value);
		compose_up(c, mark);
	}
	if (n->kind == NODE_MAPPING)
		compose_note(c, NOTE_REFUSED, NULL, "want a line, or a list of words");
}
