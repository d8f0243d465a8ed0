/* oci_import.c - a config.json to a policy: the walk along the table of fields; see oci_import.h.
 *
 * Both runtimes read past keys that they do not know, and one of them past the case of letters: noNewPrivilges starts
 * without it. Here such a key is refused, wherever it stands. */
#include "oci_import.h"

#include "../base/cleanup.h"
#include "../policy/locate.h"
#include "../policy/suggest.h"

#include <stdarg.h>
#include <string.h>

enum { ITEMS_MAX = 1024 };

/* --- where we are --- */

void oci_here(struct oci_import *im, const char *fmt, ...)
{
	char pointer[POINTER_MAX];
	int line, column;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(pointer, sizeof(pointer), fmt, ap);
	va_end(ap);
	line_column(im->text, im->len, locate(im->text, im->len, pointer, 0), &line, &column);
	door_here(im->door, line, column, "%s", pointer);
}

json_t *oci_get(const struct oci_import *im, const char *pointer)
{
	json_t *at = im->root;
	char name[64];

	while (at && *pointer == '/') {
		size_t n = strcspn(++pointer, "/");

		snprintf(name, sizeof(name), "%.*s", (int)n, pointer);
		at = json_object_get(at, name);
		pointer += n;
	}
	return json_is_null(at) ? NULL : at;
}

#define NOTE(kind, pointer, hint) \
	do { \
		_auto(free_mem) char *msg = NULL; \
		va_list ap; \
		va_start(ap, fmt); \
		if (vasprintf(&msg, fmt, ap) < 0) \
			msg = NULL; \
		va_end(ap); \
		door_note(im->door, kind, pointer, hint, "%s", msg ? msg : ""); \
	} while (0)

void oci_refuse(struct oci_import *im, const char *hint, const char *fmt, ...)
{
	NOTE(NOTE_REFUSED, NULL, hint);
}

void oci_tighten(struct oci_import *im, const char *pointer, const char *fmt, ...)
{
	NOTE(NOTE_TIGHTENED, pointer, NULL);
}

void oci_no_effect(struct oci_import *im, const char *fmt, ...)
{
	NOTE(NOTE_NO_EFFECT, NULL, NULL);
}

char *oci_path(struct oci_import *im, const char *path)
{
	char *ret = NULL;

	if (*path != '/' && !im->bundle) {
		oci_refuse(im, "name the bundle's directory", "\"%.80s\" is relative to a bundle", path);
		return NULL;
	}
	if (asprintf(&ret, "%s%s%s", *path == '/' ? "" : im->bundle, *path == '/' ? "" : "/", path) < 0) {
		im->door->no_memory = true;
		return NULL;
	}
	return ret;
}

/* --- what the walk finds --- */

/* What may have been meant: a name that the specification has in the same object. */
static void unknown(void *ctx, const char *above, const char *name, const char *pointer)
{
	struct oci_import *im = ctx;
	size_t n = strlen(above);
	struct guess g;
	char hint[GUESS_MAX + 32] = "every key must be one of the specification's";

	guess_start(&g, name);
	for (size_t i = 0; i < oci_fields_len; i++) {
		const char *path = oci_fields[i].path;

		if (strncmp(path, above, n) == 0 && (!n || path[n] == '.') && !strpbrk(path + n + !!n, ".["))
			guess_offer(&g, path + n + !!n, strlen(path + n + !!n));
	}
	if (*g.best)
		snprintf(hint, sizeof(hint), "did you mean \"%s\"?", g.best);
	oci_here(im, "%s", pointer);
	oci_refuse(im, hint, "unknown key");
}

static bool is_neutral(const json_t *v)
{
	switch (json_typeof(v)) {
	case JSON_OBJECT: return json_object_size(v) == 0;
	case JSON_ARRAY: return json_array_size(v) == 0;
	case JSON_STRING: return json_string_length(v) == 0;
	case JSON_INTEGER: return json_integer_value(v) == 0;
	case JSON_REAL: case JSON_TRUE: return false;
	case JSON_FALSE: case JSON_NULL: break;
	}
	return true;
}

/* One value, whose field is known. What is not taken over is looked through all the same: a misspelt name in it says that
 * its writer believed in something else. */
static bool enter(void *ctx, const struct oci_field *f, json_t *v, const char *pointer)
{
	struct oci_import *im = ctx;

	if (!oci_has_type(v, f)) {
		oci_here(im, "%s", pointer);
		oci_refuse(im, NULL, "want %s", oci_type_name(f->type));
		return false;
	}
	if (f->fate == OCI_REFUSED || f->fate == OCI_NO_EFFECT) {
		if (is_neutral(v))
			return false;
		oci_here(im, "%s", pointer);
		door_note(im->door, f->fate == OCI_REFUSED ? NOTE_REFUSED : NOTE_NO_EFFECT, NULL, f->hint, "%s", f->why);
	}
	if (json_is_array(v) && json_array_size(v) > ITEMS_MAX) {
		oci_here(im, "%s", pointer);
		oci_refuse(im, NULL, "more than %d entries", ITEMS_MAX);
		json_array_clear(v);
	}
	return true;
}

static void leave(void *ctx, const struct oci_field *f, json_t *v, const char *pointer)
{
	if (!f->take)
		return;
	oci_here(ctx, "%s", pointer);
	f->take(ctx, v);
}

/* --- what is not written --- */

/* What a runtime leaves open when nothing is said. */
static void defaults(struct oci_import *im)
{
	static const struct { const char *field, *pointer, *why; } open[] = {
		{ "/process/noNewPrivileges", "", "not set: here it always holds, so setuid programs gain nothing" },
		{ "/process/apparmorProfile", "/apparmor", "not set: here it is casemate-default" },
		{ "/process/user/umask", "/user/umask", "not set: here it is 0077" },
		{ "/linux/seccomp", "/seccomp", "not set: here it is casemate's own filter" },
		{ "/linux/resources/memory/limit", "/limits/memory", "not set: here it is 512M, without swap" },
		{ "/linux/resources/cpu/quota", "/limits/cpus", "not set: here it is one CPU" },
		{ "/linux/resources/pids/limit", "/limits/pids", "not set: here it is 256" },
		{ "/linux/maskedPaths", "/proc", "not set: here the usual ones always are" },
		{ "/root/readonly", "/rootfs", "not set: here the root is always read-only; bind or tmpfs what is written" },
	};

	for (size_t i = 0; i < COUNT(open); i++)
		if (!oci_get(im, open[i].field)) {
			door_here(im->door, 0, 0, "%s", open[i].field);
			oci_tighten(im, open[i].pointer, "%s", open[i].why);
		}
}

static void required(struct oci_import *im)
{
	static const struct { const char *field, *pointer; } rows[] = {
		{ "/root/path", "/rootfs" }, { "/process/args", "/args" }, { "/ociVersion", "" } };

	for (size_t i = 0; i < COUNT(rows); i++)
		if (!oci_get(im, rows[i].field)) {
			door_here(im->door, 0, 0, "%s", rows[i].field);
			oci_refuse(im, "the specification requires it", "is missing");
		}
	/* The walk calls nobody for what is not there, and these mean something then. */
	if (!oci_get(im, "/linux/namespaces"))
		take_namespaces(im, NULL);
	if (!oci_get(im, "/mounts"))
		take_mounts(im, NULL);
	if (!oci_get(im, "/process/user"))
		take_user_field(im, NULL);
	door_nowhere(im->door);
}

int door_oci(const char *text, size_t len, const char *bundle, struct door *d, struct err *e)
{
	_auto(free_mem) char *copy = malloc(len + 1);
	json_auto_t *root = NULL;
	struct oci_import im = { .door = d, .text = text, .len = len, .bundle = bundle };
	const struct oci_visitor visitor = { &im, enter, leave, unknown };
	json_error_t bad;

	if (!copy)
		return err_set(e, ERR_HOST, 0, NULL, "cannot hold the config.json");
	memcpy(copy, text, len);
	oci_clamp(copy, len);
	root = im.root = json_loadb(copy, len, JSON_REJECT_DUPLICATES, &bad);
	if (!root || !json_is_object(root)) {
		e->line = root ? 1 : bad.line;
		e->column = root ? 1 : bad.column;
		return err_set(e, ERR_POLICY, 0, NULL, "%s", root ? "want an object" : bad.text);
	}
	d->of_file = true;
	door_set(d, "/version", json_integer(1));
	oci_walk(root, &visitor);
	required(&im);
	defaults(&im);
	return 0;
}
