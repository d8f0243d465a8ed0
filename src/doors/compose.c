/* compose.c - a service of a compose file to a policy; see compose.h. */
#include "compose.h"

#include "../base/cleanup.h"
#include "../policy/suggest.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

enum { ARENA_SIZE = 32 << 20, DOT_ENV_MAX = 256 * 1024 };

/* --- where we are --- */

static void here_at(struct compose *c, const struct node *n)
{
	door_here(c->door, n ? n->line : 0, n ? n->column : 0, "%s", c->at);
}

size_t compose_down(struct compose *c, const struct node *n, const char *fmt, ...)
{
	size_t mark = strlen(c->at);
	va_list ap;

	va_start(ap, fmt);
	if (mark + 1 < sizeof(c->at)) {
		c->at[mark] = '/';
		vsnprintf(c->at + mark + 1, sizeof(c->at) - mark - 1, fmt, ap);
	}
	va_end(ap);
	here_at(c, n);
	return mark;
}

void compose_up(struct compose *c, size_t mark)
{
	c->at[mark] = '\0';
}

void compose_note(struct compose *c, enum note_kind kind, const char *hint, const char *fmt, ...)
{
	_auto(free_mem) char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	door_note(c->door, kind, NULL, hint, "%s", text ? text : "");
}

/* --- options --- */

void compose_option(struct compose *c, const char *name, const char *value)
{
	const struct docker_option *o = docker_option_find(name, strlen(name));
	struct err e = { 0 };

	if (docker_line_add(&c->line, o, value ? value : "true", &c->door->here, &e) < 0)
		compose_note(c, NOTE_REFUSED, e.hint, "%s", e.msg);
}

static void option_of(struct compose *c, const char *option, const struct node *n)
{
	const char *text = compose_text(c, n);

	if (text)
		compose_option(c, option, text);
}

static void take_list(struct compose *c, const char *option, const struct node *n)
{
	size_t i = 0;

	if (n->kind == NODE_SCALAR) {
		option_of(c, option, n);
		return;
	}
	if (n->kind == NODE_MAPPING) {
		compose_note(c, NOTE_REFUSED, NULL, "want a list");
		return;
	}
	for (const struct node_entry *e = n->entries; e; e = e->next) {
		size_t mark = compose_down(c, e->value, "%zu", i++);

		option_of(c, option, e->value);
		compose_up(c, mark);
	}
}

void compose_pairs(struct compose *c, const char *option, const struct node *n)
{
	if (n->kind != NODE_MAPPING) {
		take_list(c, option, n);
		return;
	}
	for (const struct node_entry *e = n->entries; e; e = e->next) {
		size_t mark = compose_down(c, e->value, "%s", e->key->text);
		const char *text = node_is_null(e->value) ? NULL : compose_text(c, e->value);

		if (text || node_is_null(e->value))
			compose_option(c, option, text ? compose_printf(c, "%s=%s", e->key->text, text) : e->key->text);
		compose_up(c, mark);
	}
}

static void take_flag(struct compose *c, const char *option, const struct node *n)
{
	bool on;

	if (compose_bool(c, n, &on))
		compose_option(c, option, on ? "true" : "false");
}

/* --- keys --- */

const char *compose_member(struct compose *c, const struct node *mapping, const char *key)
{
	const struct node *n = node_get(mapping, key);

	return node_is_null(n) ? NULL : compose_text(c, n);
}

static void unknown(struct compose *c, const char *word, const char *const *names, const struct compose_key *keys, size_t n)
{
	char hint[GUESS_MAX + 32] = "a key of your own begins with x-";
	struct guess g;

	guess_start(&g, word);
	for (size_t i = 0; names && names[i]; i++)
		guess_offer(&g, names[i], strlen(names[i]));
	for (size_t i = 0; i < n; i++)
		guess_offer(&g, keys[i].name, strlen(keys[i].name));
	if (*g.best)
		snprintf(hint, sizeof(hint), "did you mean \"%s\"?", g.best);
	compose_note(c, NOTE_REFUSED, hint, "unknown key");
}

void compose_known(struct compose *c, const struct node *mapping, const char *const *names)
{
	for (const struct node_entry *e = mapping->kind == NODE_MAPPING ? mapping->entries : NULL; e; e = e->next) {
		size_t i = 0, mark;

		while (names[i] && strcmp(names[i], e->key->text) != 0)
			i++;
		if (names[i] || strncmp(e->key->text, "x-", 2) == 0)
			continue;
		mark = compose_down(c, e->key, "%s", e->key->text);
		unknown(c, e->key->text, names, NULL, 0);
		compose_up(c, mark);
	}
}

static void take_key(struct compose *c, const struct compose_key *k, const struct node *n)
{
	if (node_is_null(n) && k->take != own_entrypoint && k->take != own_command && k->take != own_networks)
		return;
	switch (k->shape) {
	case C_VALUE: option_of(c, k->option, n); break;
	case C_FLAG: take_flag(c, k->option, n); break;
	case C_LIST: take_list(c, k->option, n); break;
	case C_PAIRS: compose_pairs(c, k->option, n); break;
	case C_OWN:
		if (k->take)
			k->take(c, n);
		break;
	case C_NOTE:
		compose_note(c, k->fate == REFUSED ? NOTE_REFUSED : NOTE_NO_EFFECT, k->hint, "%s", k->why);
		break;
	}
}

static void take_service(struct compose *c)
{
	for (const struct node_entry *e = c->service->entries; e; e = e->next) {
		const char *name = e->key->text;
		size_t i = 0, mark;

		if (strncmp(name, "x-", 2) == 0)
			continue;
		mark = compose_down(c, e->value, "%s", name);
		while (i < compose_keys_len && strcmp(compose_keys[i].name, name) != 0)
			i++;
		if (i < compose_keys_len)
			take_key(c, &compose_keys[i], e->value);
		else
			here_at(c, e->key), unknown(c, name, NULL, compose_keys, compose_keys_len);
		compose_up(c, mark);
	}
}

/* --- the whole file --- */

static const struct node *services(const struct compose *c)
{
	const struct node *n = node_get(c->root, "services");

	return n && n->kind == NODE_MAPPING ? n : NULL;
}

/* What stands beside the services: read where a service refers to it, but for these. */
static void take_top(struct compose *c)
{
	static const char *const names[] = { "name", "version", "services", "networks", "volumes", "secrets", "configs", "include", "models", NULL };
	const struct node *n = node_get(c->root, "include");

	compose_known(c, c->root, names);
	if (!node_is_null(n)) {
		size_t mark = compose_down(c, n, "include");

		compose_note(c, NOTE_REFUSED, "`docker compose config` writes one file of all", "other files decide part of this one");
		compose_up(c, mark);
	}
}

static int list_services(const struct node *all, struct err *e, const char *msg)
{
	char names[120] = "";

	for (const struct node_entry *s = all->entries; s; s = s->next)
		snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s", *names ? ", " : "", s->key->text);
	return err_set(e, ERR_USAGE, 0, names, "%s", msg);
}

/* As the specification has it; a file is called so, and it must be one in the directory that was named. */
static bool is_name(const char *s)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";

	return *s && *s != '.' && *s != '-' && strspn(s, letters) == strlen(s) && strlen(s) < 128;
}

static int find_service(struct compose *c, const char *name, struct err *e)
{
	const struct node *all = services(c);
	const struct node_entry *s;

	if (!all || !all->n)
		return err_set(e, ERR_POLICY, 0, "a compose file has a mapping \"services\"", "there are no services");
	if (!name && all->n > 1)
		return list_services(all, e, "which service? --service NAME");
	for (s = all->entries; s && name && strcmp(s->key->text, name) != 0;)
		s = s->next;
	if (!s)
		return list_services(all, e, "there is no such service");
	if (s->value->kind != NODE_MAPPING || !is_name(s->key->text)) {
		e->line = s->key->line;
		e->column = s->key->column;
		return err_set(e, ERR_POLICY, 0, NULL, is_name(s->key->text) ? "a service is a mapping" :
			       "a service's name is of letters, digits and \"_-.\"");
	}
	c->service = s->value;
	compose_down(c, s->value, "services");
	compose_down(c, s->value, "%s", s->key->text);
	return 0;
}

/* An image by its name; without one it is that which would be built: the service's. */
static int find_image(struct compose *c, struct docker_import *im, const char *service, struct err *e)
{
	const struct node *n = node_get(c->service, "image");
	size_t mark = compose_down(c, n ? n : c->service, "image");
	const char *name = node_is_null(n) ? service : compose_text(c, n);
	int r = 0;

	im->line.image = name;
	im->line.image_spot = (struct spot){ c->door->here.line, c->door->here.column };
	if (!name || !*name)
		r = err_set(e, ERR_POLICY, 0, "image: NAME", "which image?");
	else
		r = image_resolve(name, &im->image, e);
	if (r < 0) {
		e->line = im->line.image_spot.line;
		e->column = im->line.image_spot.column;
	}
	compose_up(c, mark);
	return r;
}

/* entrypoint replaces that of the image, and the image's command with it; command replaces the command. The option takes one
 * word: the others come before the command's. */
static void take_command(struct compose *c)
{
	size_t mark;

	if (!node_is_null(c->entrypoint)) {
		mark = compose_down(c, c->entrypoint, "entrypoint");
		compose_words(c, c->entrypoint);
		compose_option(c, "entrypoint", c->n_args ? c->args[0] : "");
		if (c->n_args) {
			memmove(c->args, c->args + 1, --c->n_args * sizeof(*c->args));
			memmove(c->arg_spots, c->arg_spots + 1, c->n_args * sizeof(*c->arg_spots));
		}
		compose_up(c, mark);
	}
	if (!node_is_null(c->command)) {
		mark = compose_down(c, c->command, "command");
		compose_words(c, c->command);
		compose_up(c, mark);
	}
	c->line.args = c->args;
	c->line.n_args = (int)c->n_args;
	c->line.arg_spots = c->arg_spots;
}

static int import(struct compose *c, const char *service, struct err *e)
{
	struct docker_import im = { .door = c->door };
	int r;

	take_top(c);
	if (find_service(c, service, e) < 0)
		return -1;
	service = strrchr(c->at, '/') + 1;
	service = arena_strndup(c->arena, service, strlen(service));
	take_service(c);
	take_command(c);
	im.line = c->line;
	c->line = (struct docker_line){ 0 };
	r = service ? find_image(c, &im, service, e) : err_set(e, ERR_HOST, ENOMEM, NULL, "cannot hold the file");
	if (r == 0 && !docker_last(&im.line, "name"))
		door_set(c->door, "/name", json_string(service));
	if (r == 0)
		docker_take(&im);
	docker_line_free(&im.line);
	image_free(&im.image);
	return r;
}

static int open_file(struct compose *c, const char *text, size_t len, struct err *e)
{
	char path[4096];
	size_t n;

	if (arena_init(c->arena, ARENA_SIZE) < 0)
		return err_set(e, ERR_HOST, ENOMEM, NULL, "cannot hold the file");
	if (yaml_read(text, len, c->arena, &c->root, e) < 0)
		return -1;
	if (c->root->kind != NODE_MAPPING)
		return err_set(e, ERR_POLICY, 0, NULL, "a compose file is a mapping");
	if (c->dir && snprintf(path, sizeof(path), "%s/.env", c->dir) < (int)sizeof(path))
		(void)!door_read_file(path, DOT_ENV_MAX, &c->dot_env, &n);
	return 0;
}

int door_compose(const char *text, size_t len, const char *dir, const char *service, struct door *d, struct err *e)
{
	_auto(arena_free) struct arena arena = { 0 };
	struct compose c = { .door = d, .arena = &arena, .dir = dir ? dir : "/", .e = e };
	int r = open_file(&c, text, len, e);

	d->of_file = true;
	if (r == 0)
		r = import(&c, service, e);
	docker_line_free(&c.line);
	free(c.dot_env);
	return r;
}

int compose_services(const char *text, size_t len, json_t **ret, struct err *e)
{
	_auto(arena_free) struct arena arena = { 0 };
	struct compose c = { .arena = &arena };
	const struct node *all;

	*ret = NULL;
	if (open_file(&c, text, len, e) < 0)
		return -1;
	all = services(&c);
	*ret = json_array();
	for (const struct node_entry *s = all ? all->entries : NULL; s; s = s->next)
		json_array_append_new(*ret, json_string(s->key->text));
	return *ret && json_array_size(*ret) ? 0 :
	       err_set(e, ERR_POLICY, 0, "a compose file has a mapping \"services\"", "there are no services");
}
