/* parse.c - policy text to struct policy.
 *
 * jansson knows JSON, the rows of keys.c know the language; this file brings them together:
 * load the text, refuse what no row names, store what is given, lay the settings over it, fill
 * in the defaults, and look at what only shows when several keys are seen together. In the end
 * `root` is the effective policy: show.c has only to print it. */
#include "../base/cleanup.h"
#include "read.h"

#include <string.h>

/* --- the text --- */

/* A syntax error, placed by jansson: `position` is just behind the token that it names. */
static int syntax_error(struct reading *r, const json_error_t *je)
{
	const char *near = strstr(je->text, " near '"), *text = r->src->text;
	size_t token = near ? strlen(near) - strlen(" near ''") : 1, end = je->position > 0 ? (size_t)je->position : 0;
	size_t at = end > token ? end - token : 0;

	pointer_at(text, r->src->len, at, r->pointer);
	if (json_error_code(je) == json_error_duplicate_key)
		err_set(r->e, ERR_POLICY, 0, "other programs would silently take the later one: keep one", "duplicate key");
	else
		err_set(r->e, ERR_POLICY, 0, NULL, "not JSON: %s", je->text);
	line_column(text, r->src->len, at, &r->e->line, &r->e->column);
	return err_at(r->e, "%s", r->pointer);
}

/* C0, DEL and C1 (which UTF-8 writes as C2 80 to C2 9F). */
static bool control_character(const char *s)
{
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s, second = (unsigned char)s[1];

		if (c < 0x20 || c == 0x7f || (c == 0xc2 && second >= 0x80 && second <= 0x9f))
			return true;
	}
	return false;
}

/* What holds for all text and every depth, the inline seccomp profile included. */
static int plain(struct reading *r, json_t *v, int depth)
{
	const char *name;
	json_t *member;
	size_t i;

	if (json_is_string(v) && control_character(json_string_value(v)))
		return fault(r, NULL, "control character in a string");
	if (depth > POLICY_DEPTH_MAX)
		return fault(r, NULL, "nested deeper than %d", POLICY_DEPTH_MAX);
	json_object_foreach(v, name, member) {
		size_t up = enter(r, name);

		if (control_character(name)) {
			r->on_key = true;
			return fault(r, NULL, "control character in a key");
		}
		if (plain(r, member, depth + 1) < 0)
			return -1;
		leave(r, up);
	}
	json_array_foreach(v, i, member) {
		size_t up = enter_index(r, i);

		if (plain(r, member, depth + 1) < 0)
			return -1;
		leave(r, up);
	}
	return 0;
}

static int load(struct reading *r)
{
	json_error_t je;

	if (r->src->len > POLICY_BYTES_MAX)
		return err_set(r->e, ERR_POLICY, 0, NULL, "the %s is longer than %d bytes", r->language->what, POLICY_BYTES_MAX);
	r->root = json_loadb(r->src->text, r->src->len, JSON_REJECT_DUPLICATES, &je);
	if (!r->root)
		return syntax_error(r, &je);
	if (!json_is_object(r->root))
		return fault(r, NULL, "want an object");
	return plain(r, r->root, 0);
}

/* --- known keys --- */

/* Whether there are rows "section.*". */
static bool is_section(const struct language *l, const char *section)
{
	size_t len = strlen(section);

	for (size_t i = 0; i < l->n; i++)
		if (strncmp(l->rows[i].name, section, len) == 0 && l->rows[i].name[len] == '.')
			return true;
	return false;
}

/* The row that "section": value is short for. */
static const struct key *shorthand(const struct language *l, const char *section)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct key *k = &l->rows[i];
		size_t len = (size_t)(key_leaf(k) - k->name);

		if (k->shorthand && strlen(section) + 1 == len && strncmp(k->name, section, len - 1) == 0)
			return k;
	}
	return NULL;
}

/* Every key must be a row or a section; a section's shorthand is written out. */
static int known(struct reading *r, json_t *obj, const char *section)
{
	const char *name;
	json_t *v;

	json_object_foreach(obj, name, v) {
		char full[64];	/* longer than any row's name */
		int len = snprintf(full, sizeof(full), "%s%s%s", section, *section ? "." : "", name);
		bool too_long = (size_t)len >= sizeof(full);
		const struct key *k;
		size_t up;

		if (!too_long && !strchr(name, '.') && key_in(r->language, full))
			continue;
		if (too_long || strchr(name, '.') || !is_section(r->language, full))
			return unknown_key(r, r->language->rows, r->language->n, section, name);
		up = enter(r, name);
		k = shorthand(r->language, full);
		if (json_is_string(v) && k) {
			if (json_object_set_new(obj, name, json_pack("{s:O}", key_leaf(k), v)) < 0)
				return fault(r, NULL, "out of memory");
		} else if (!json_is_object(v)) {
			return fault(r, NULL, k ? "want a string or an object" : "want an object");
		} else if (known(r, v, full) < 0) {
			return -1;
		}
		leave(r, up);
	}
	return 0;
}

/* --- settings --- */

/* Finds the row that a --set KEY means. *member is the name in "env.NAME", or NULL. */
static const struct key *setting_row(const struct language *l, const char *name, const char **member)
{
	const struct key *k = key_in(l, name);

	*member = NULL;
	if (!k)
		k = shorthand(l, name);
	for (size_t i = 0; !k && i < l->n; i++) {
		size_t len = strlen(l->rows[i].name);

		if (l->rows[i].type == KEY_PAIRS && strncmp(l->rows[i].name, name, len) == 0 && name[len] == '.') {
			k = &l->rows[i];
			*member = name + len + 1;
		}
	}
	return k;
}

static int unknown_setting(struct reading *r, const char *name)
{
	const char *dot = strrchr(name, '.');
	char section[64] = "";

	if (is_section(r->language, name))
		return fault(r, NULL, "is a section: set its keys one by one");
	if (dot && (size_t)(dot - name) < sizeof(section))
		memcpy(section, name, (size_t)(dot - name));
	if (!is_section(r->language, section))
		section[0] = '\0';
	enter_dotted(r, section);
	return unknown_key(r, r->language->rows, r->language->n, section, dot ? dot + 1 : name);
}

/* JSON where it is JSON, else a string: --set limits.pids=64, --set network=host. */
static json_t *setting_value(const char *text)
{
	json_t *v = json_loads(text, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);

	return v ? v : json_string(text);
}

static int apply_setting(struct reading *r, const struct setting *set)
{
	const char *member;
	const struct key *k = setting_row(r->language, set->key, &member);
	json_t *v, *pairs;
	size_t up;

	if (!k)
		return unknown_setting(r, set->key);
	if (strlen(set->value) > POLICY_BYTES_MAX)
		return fault(r, NULL, "longer than %d bytes", POLICY_BYTES_MAX);
	up = enter_dotted(r, k->name);
	v = setting_value(set->value);
	if (v && member) {
		pairs = json_copy(key_get(k, r->root));
		pairs = pairs ? pairs : json_object();
		json_object_set_new(pairs, member, v);
		v = pairs;
	}
	if (!v || key_set(r->root, k->name, v) < 0)
		return fault(r, NULL, "not UTF-8, or no memory for it");
	if (plain(r, v, 1) < 0 || value_put(r, k, v, r->base) < 0)
		return -1;
	r->origin[k - r->language->rows] = FROM_SET;
	leave(r, up);
	return 0;
}

static int settings(struct reading *r)
{
	for (size_t i = 0; i < r->src->n_set; i++) {
		r->set = r->src->set[i].key;
		if (apply_setting(r, &r->src->set[i]) < 0)
			return -1;
		r->set = NULL;
	}
	return 0;
}

/* --- the policy as a whole --- */

static int put_again(struct reading *r, const char *name)
{
	const struct key *k = key_find(name);
	size_t up = enter_dotted(r, k->name);
	int ret = value_put(r, k, key_get(k, r->root), &r->policy);

	leave(r, up);
	return ret;
}

/* A service without a /tmp of its own would write into the image, or fail. */
static int imply_tmp(struct reading *r)
{
	for (size_t i = 0; i < r->policy.n_mounts; i++)
		if (strcmp(r->policy.mounts[i].target, "/tmp") == 0)
			return 0;
	r->implied_tmp = true;
	if (json_array_append_new(json_object_get(r->root, "mounts"),
				  json_pack("{s:s, s:s}", "type", "tmpfs", "target", "/tmp")) < 0)
		return fault(r, NULL, "out of memory");
	return put_again(r, "mounts");
}

/* A name may hold "_", a host name may not. */
static int imply_hostname(struct reading *r)
{
	char hostname[65];

	if (*r->policy.hostname || !*r->policy.name || !r->policy.namespaces.uts)
		return 0;
	snprintf(hostname, sizeof(hostname), "%s", r->policy.name);
	for (char *c = hostname; *c; c++)
		if (*c == '_')
			*c = '-';
	if (json_object_set_new(r->root, "hostname", json_string(hostname)) < 0)
		return fault(r, NULL, "out of memory");
	return put_again(r, "hostname");
}

static int whole(struct reading *r)
{
	const struct policy *p = &r->policy;

	if (p->args.n > 0 && *p->args.v[0] == '\0') {
		enter(r, "args");
		enter_index(r, 0);
		return fault(r, NULL, "want the program's name");
	}
	for (size_t i = 0; i < p->env_pass.n; i++)
		for (size_t j = 0; j < p->env.n; j++)
			if (strcmp(p->env_pass.v[i], p->env.v[j].name) == 0) {
				enter(r, "env_pass");
				enter_index(r, i);
				return fault(r, "keep one of the two", "\"env\" gives this variable a value already");
			}
	for (size_t i = 0; i < p->n_secrets; i++)
		if (p->secrets[i].from == SECRET_COMMAND && (p->secrets[i].command.n == 0 || *p->secrets[i].command.v[0] != '/')) {
			enter(r, "secrets");
			enter_index(r, i);
			enter(r, "command");
			return fault(r, NULL, "want a program by its absolute path, and its arguments");
		}
	return imply_tmp(r) < 0 ? -1 : imply_hostname(r);
}

int document_read(struct reading *r, void *base)
{
	const struct language *l = r->language;

	r->base = base;
	if (load(r) < 0 || known(r, r->root, "") < 0)
		return -1;
	for (size_t i = 0; i < l->n; i++)
		r->origin[i] = key_get(&l->rows[i], r->root) ? FROM_POLICY : FROM_DEFAULT;
	if (rows_put_given(r, l->rows, l->n, r->root, base) < 0 || settings(r) < 0)
		return -1;
	return rows_put_missing(r, l->rows, l->n, r->root, base);
}

int policy_read(struct reading *r, const struct policy_source *src, struct arena *arena, struct err *e)
{
	*r = (struct reading){ .language = &language_policy, .src = src, .arena = arena, .e = e };
	return document_read(r, &r->policy) < 0 ? -1 : whole(r);
}

void reading_free(struct reading *r)
{
	json_decref(r->root);
}

int policy_parse(const struct policy_source *src, struct arena *arena, struct policy *ret, struct err *e)
{
	_auto(reading_free) struct reading r;
	struct policy before = *ret;
	int sealed;

	if (policy_read(&r, src, arena, e) < 0)
		return -1;
	*ret = r.policy;	/* before sealing: it may live in the arena itself */
	sealed = arena_seal(arena);
	if (sealed == 0)
		return 0;
	*ret = before;
	return err_set(e, ERR_HOST, sealed, NULL, "cannot make the policy read-only");
}

void policy_locate(const struct policy_source *src, const char *pointer, int *line, int *column)
{
	line_column(src->text, src->len, locate(src->text, src->len, pointer, false), line, column);
}
